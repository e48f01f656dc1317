#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::auth_jwt {

/// The signature algorithms of RFC 7518, section 3.1, and RFC 8037. "none" is not among them: nothing that reads an
/// algorithm can give it.
enum class Algorithm : uint8_t {
  hs256,
  hs384,
  hs512,
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa
};

inline constexpr size_t kAlgorithmCount = 13;

/// What kind of key an algorithm needs. A key has exactly one kind, which is what makes it impossible to use a public
/// key as an HMAC secret.
enum class KeyType : uint8_t { secret, rsa, ec_p256, ec_p384, ec_p521, edwards };

enum class Padding : uint8_t { none, pkcs1, pss };

struct AlgorithmFacts {
  std::string_view name;  ///< as in the header's "alg"
  KeyType key_type;
  const char* digest;  ///< OpenSSL's name; null for EdDSA, which hashes by itself
  size_t digest_bytes;
  Padding padding;
  size_t coordinate_bytes;  ///< of each half of an ECDSA signature
};

/// [any-thread]
[[nodiscard]] const AlgorithmFacts& facts_of(Algorithm algorithm);
/// By its name, which is case-sensitive (RFC 7515, 4.1.1). Nothing: unknown. [any-thread]
[[nodiscard]] std::optional<Algorithm> algorithm_named(std::string_view name);

/// The algorithms that an operator allows.
class AlgorithmSet {
 public:
  void add(Algorithm algorithm) { bits_ |= bit(algorithm); }
  [[nodiscard]] bool has(Algorithm algorithm) const { return (bits_ & bit(algorithm)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }

 private:
  static constexpr uint32_t bit(Algorithm algorithm) { return 1u << static_cast<unsigned>(algorithm); }
  uint32_t bits_ = 0;
};

}  // namespace patchbay::auth_jwt
