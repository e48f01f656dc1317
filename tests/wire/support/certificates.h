#pragma once

#include <string>

#include "wire/support/temporary_folder.h"

namespace patchbay::wire {

struct Certificate {
  std::string certificate_file;
  std::string key_file;
};

/// A certificate authority made for one test by the openssl command. Its files live in `folder`.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(const TemporaryFolder& folder, const std::string& name = "authority");

  /// Signs a certificate for `common_name`, which also stands among its alternative names, with 127.0.0.1.
  Certificate issue(const std::string& common_name) const;
  [[nodiscard]] const std::string& certificate_file() const { return own_.certificate_file; }

 private:
  const TemporaryFolder& folder_;
  Certificate own_;
};

}  // namespace patchbay::wire
