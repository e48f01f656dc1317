#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::auth_file {

/// The hash of a SCRAM mechanism (RFC 5802, RFC 7677).
enum class ScramHash : uint8_t { sha256, sha512 };

inline constexpr size_t kScramSaltBytes = 16;
inline constexpr uint32_t kMinimumScramIterations = 4096;  ///< RFC 7677, section 4
inline constexpr uint32_t kMaximumScramIterations = 10'000'000;

/// "SCRAM-SHA-256" or "SCRAM-SHA-512". [any-thread]
[[nodiscard]] std::optional<ScramHash> scram_hash_from(std::string_view mechanism);
[[nodiscard]] std::string_view scram_mechanism(ScramHash hash);

/// H, HMAC and Hi of RFC 5802, section 2.2, and its XOR. [any-thread]
[[nodiscard]] std::string scram_h(ScramHash hash, std::string_view text);
[[nodiscard]] std::string scram_hmac(ScramHash hash, std::string_view key, std::string_view text);
[[nodiscard]] std::string scram_hi(ScramHash hash, std::string_view password, std::string_view salt,
                                   uint32_t iterations);
[[nodiscard]] std::string scram_xor(std::string_view left, std::string_view right);

/// What a server keeps of a password, which can't be logged in with.
struct ScramCredential {
  uint32_t iterations = 0;
  std::string salt;
  std::string stored_key;
  std::string server_key;

  /// "SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey", the form of RFC 5803.
  [[nodiscard]] std::string text(ScramHash hash) const;
  [[nodiscard]] static std::optional<ScramCredential> parse(ScramHash hash, std::string_view text);
};

/// Of a new password; nothing where there are no random bytes, or `iterations` is out of range. Takes milliseconds.
/// [any-thread]
[[nodiscard]] std::optional<ScramCredential> make_scram_credential(ScramHash hash, std::string_view password,
                                                                   uint32_t iterations);

}  // namespace patchbay::auth_file
