#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "admin/accounts.h"

namespace patchbay::test {

/// A folder that goes with the test.
struct AccountFolder {
  AccountFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "patchbay-accounts-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~AccountFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  AccountFolder(const AccountFolder&) = delete;
  AccountFolder& operator=(const AccountFolder&) = delete;

  std::filesystem::path path;
};

inline admin::AccountOptions account_options(const AccountFolder& folder, const std::string& password = "secret-1") {
  admin::AccountOptions options;
  options.data_dir = folder.path;
  options.admin_password = password;
  return options;
}

}  // namespace patchbay::test
