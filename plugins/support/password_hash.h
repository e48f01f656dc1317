#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::support {

enum class HashAlgorithm : uint8_t { plain, md5, sha, sha256, sha512, bcrypt, pbkdf2, argon2id };
/// Where the salt stands when password and salt are hashed together; of no meaning to bcrypt, pbkdf2 and argon2id.
enum class SaltPosition : uint8_t { disable, prefix, suffix };
/// The hash below HMAC in PBKDF2 (RFC 8018).
enum class MacFunction : uint8_t { md5, ripemd160, sha, sha224, sha256, sha384, sha512 };

/// How the passwords of some store have been hashed. Names and meanings are those of EMQX's `password_hash_algorithm`.
struct PasswordHash {
  HashAlgorithm algorithm = HashAlgorithm::sha256;
  SaltPosition salt_position = SaltPosition::prefix;
  MacFunction mac_fun = MacFunction::sha256;  ///< pbkdf2
  uint32_t iterations = 4096;                 ///< pbkdf2
  uint32_t dk_length = 0;                     ///< pbkdf2: bytes of the derived key; 0: as many as `mac_fun` gives
};

/// Limits on what a store may ask of us: the cost of one verification is an operator's decision, not a row's.
inline constexpr uint32_t kMaximumPbkdf2Iterations = 10'000'000;
inline constexpr uint32_t kMaximumDerivedKeyBytes = 1024;
inline constexpr uint32_t kMaximumArgon2Memory_kib = 1024 * 1024;
inline constexpr uint32_t kMaximumArgon2Passes = 64;
inline constexpr uint32_t kMaximumArgon2Lanes = 16;
inline constexpr uint32_t kMaximumBcryptRounds = 16;    ///< about 5 s
inline constexpr size_t kMaximumPasswordBytes = 65535;  ///< what MQTT can carry

/// By the names of settings: "sha256", "pbkdf2", "disable", …; nothing for others. [any-thread]
[[nodiscard]] std::optional<HashAlgorithm> hash_algorithm_from(std::string_view name);
[[nodiscard]] std::optional<SaltPosition> salt_position_from(std::string_view name);
[[nodiscard]] std::optional<MacFunction> mac_function_from(std::string_view name);

/// Whether `password` is the one that `stored` was made of. `stored` is hexadecimal (either case) for md5, sha* and
/// pbkdf2; the text itself, with its salt where one is used, for plain; the whole "$2b$…" for bcrypt and
/// "$argon2id$…" for argon2id, where `salt` is not needed. Takes the same time whatever the first difference is. False
/// for everything that can't be understood. bcrypt, pbkdf2 and argon2id take milliseconds: not for a shard.
/// [any-thread]
[[nodiscard]] bool verify_password(const PasswordHash& kind, std::string_view password, std::string_view stored,
                                   std::string_view salt);

/// The same for hashes that say themselves how they were made: "$argon2id$…", "$2a$…", "$2b$…", "$2y$…",
/// "$pbkdf2-sha256$iterations$salt$hash" (as passlib writes it, also -sha1 as "$pbkdf2$" and -sha512), and Mosquitto's
/// "$6$salt$hash" and "$7$iterations$salt$hash". [any-thread]
[[nodiscard]] bool verify_encoded_password(std::string_view password, std::string_view encoded);
/// Whether `encoded` has one of these forms, so that verifying can succeed. [any-thread]
[[nodiscard]] bool is_encoded_password(std::string_view encoded);

/// How new passwords are hashed. The defaults take about 10 ms: a login by MQTT is cheaper than one of an
/// administrator, because thousands come at once when a broker restarts.
struct HashCost {
  HashAlgorithm algorithm = HashAlgorithm::argon2id;
  uint32_t argon2_memory_kib = 4 * 1024;
  uint32_t argon2_passes = 2;
  uint32_t argon2_lanes = 1;
  uint32_t bcrypt_rounds = 8;  ///< the exponent, from 4
  MacFunction mac_fun = MacFunction::sha256;
  uint32_t iterations = 20'000;
};

/// An encoded hash of `password` with a salt of 16 random bytes. Nothing where the algorithm is none of argon2id,
/// bcrypt and pbkdf2 (with sha, sha256 or sha512), a cost is out of range, or bcrypt can't take the whole password
/// (more than 72 bytes, or a NUL). [any-thread]
[[nodiscard]] std::optional<std::string> hash_password(const HashCost& cost, std::string_view password);

/// Takes the same time wherever the first difference is; texts of different length differ at once. [any-thread]
[[nodiscard]] bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace patchbay::support
