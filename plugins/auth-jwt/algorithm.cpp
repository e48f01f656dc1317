#include "algorithm.h"

namespace patchbay::auth_jwt {

namespace {

// In the order of the enumeration.
constexpr AlgorithmFacts kFacts[kAlgorithmCount] = {
    {"HS256", KeyType::secret, "SHA256", 32, Padding::none, 0},
    {"HS384", KeyType::secret, "SHA384", 48, Padding::none, 0},
    {"HS512", KeyType::secret, "SHA512", 64, Padding::none, 0},
    {"RS256", KeyType::rsa, "SHA256", 32, Padding::pkcs1, 0},
    {"RS384", KeyType::rsa, "SHA384", 48, Padding::pkcs1, 0},
    {"RS512", KeyType::rsa, "SHA512", 64, Padding::pkcs1, 0},
    {"PS256", KeyType::rsa, "SHA256", 32, Padding::pss, 0},
    {"PS384", KeyType::rsa, "SHA384", 48, Padding::pss, 0},
    {"PS512", KeyType::rsa, "SHA512", 64, Padding::pss, 0},
    {"ES256", KeyType::ec_p256, "SHA256", 32, Padding::none, 32},
    {"ES384", KeyType::ec_p384, "SHA384", 48, Padding::none, 48},
    {"ES512", KeyType::ec_p521, "SHA512", 64, Padding::none, 66},
    {"EdDSA", KeyType::edwards, nullptr, 0, Padding::none, 0},
};

}  // namespace

const AlgorithmFacts& facts_of(Algorithm algorithm) {
  return kFacts[static_cast<size_t>(algorithm)];
}

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (size_t i = 0; i < kAlgorithmCount; ++i) {
    if (kFacts[i].name == name) return static_cast<Algorithm>(i);
  }
  return std::nullopt;
}

}  // namespace patchbay::auth_jwt
