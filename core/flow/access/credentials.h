#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::access {

/// Bytes that are overwritten before their memory is given back. Moves, doesn't copy.
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::span<const uint8_t> bytes) : bytes_(bytes.begin(), bytes.end()) {}
  SecretBytes(SecretBytes&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    wipe();
    bytes_ = std::move(other.bytes_);
    return *this;
  }
  ~SecretBytes() { wipe(); }

  [[nodiscard]] std::span<const uint8_t> bytes() const { return bytes_; }
  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
  /// Overwrites and forgets.
  void wipe();

 private:
  std::vector<uint8_t> bytes_;
};

/// What a client proves itself with. Kept only until it is authenticated; never logged.
struct Credentials {
  std::optional<std::string> username;
  std::optional<SecretBytes> password;
  std::string certificate_fingerprint_sha256;  ///< lower-case hex; empty: no verified certificate
};
using CredentialsRef = std::shared_ptr<const Credentials>;

}  // namespace patchbay::access
