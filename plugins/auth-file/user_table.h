#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scram_hash.h"

namespace patchbay::auth_file {

/// One user. Constant once it is in a table.
struct User {
  std::string user_id;
  std::string password_hash;  ///< encoded, see support/password_hash.h
  bool is_superuser = false;
  std::optional<ScramCredential> scram_sha256;
  std::optional<ScramCredential> scram_sha512;

  [[nodiscard]] const std::optional<ScramCredential>& scram(ScramHash hash) const {
    return hash == ScramHash::sha256 ? scram_sha256 : scram_sha512;
  }
};

/// All users, by id. A copy shares the users, so that one changes at the price of a pointer for each of the others.
class UserTable {
 public:
  using Users = std::map<std::string, std::shared_ptr<const User>, std::less<>>;

  [[nodiscard]] const User* find(std::string_view user_id) const;
  void put(User user);
  bool remove(std::string_view user_id);
  [[nodiscard]] const Users& users() const { return users_; }

  /// Chooses the hashes that decoy() gives. Once the table is complete.
  void choose_decoys();
  /// What the password of a user that doesn't exist is compared with, always the same for one name: some other user's
  /// hash, so that it takes the time that users of this file take. Only where there are users.
  [[nodiscard]] const std::string& decoy(std::string_view user_id) const;

  /// Makes credentials and decoys of users that don't exist; kept in the file, so that these stay the same.
  std::string secret;

 private:
  Users users_;
  std::vector<std::string> decoys_;
};

}  // namespace patchbay::auth_file
