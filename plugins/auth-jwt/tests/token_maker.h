#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "algorithm.h"

struct evp_pkey_st;

namespace patchbay::auth_jwt::testing {

[[nodiscard]] std::string base64url(std::string_view bytes);

/// A private key that a test makes, and what an authorization server would publish of it.
class SigningKey {
 public:
  /// RSA of 2048 bits or as told, a curve, Ed25519 ("ED25519") or Ed448 ("ED448").
  static SigningKey rsa(unsigned bits = 2048);
  static SigningKey curve(const std::string& group);
  static SigningKey edwards(const std::string& type);
  /// One that fits the algorithm; the same each time, as making an RSA key takes its time. Not for HMAC.
  static const SigningKey& for_algorithm(Algorithm algorithm);

  [[nodiscard]] std::string signature(Algorithm algorithm, std::string_view text) const;
  [[nodiscard]] std::string public_pem() const;
  [[nodiscard]] std::string private_pem() const;
  /// A certificate for this key that signs itself.
  [[nodiscard]] std::string certificate_pem() const;
  /// `more`: further members, with a comma in front of each.
  [[nodiscard]] std::string jwk(const std::string& more = {}) const;
  [[nodiscard]] std::string jwk_with_id(const std::string& key_id) const { return jwk(R"(,"kid":")" + key_id + "\""); }

 private:
  explicit SigningKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

[[nodiscard]] std::string hmac(Algorithm algorithm, std::string_view secret, std::string_view text);

/// Header and payload, as JSON text, with a signature.
[[nodiscard]] std::string signed_token(const SigningKey& key, Algorithm algorithm, const std::string& payload,
                                       const std::string& more_header = {});
[[nodiscard]] std::string hmac_token(std::string_view secret, const std::string& payload,
                                     Algorithm algorithm = Algorithm::hs256, const std::string& more_header = {});
/// Any header, any signature.
[[nodiscard]] std::string raw_token(const std::string& header, const std::string& payload, std::string_view signature);

/// {"keys": [...]}
[[nodiscard]] std::string key_set_of(const std::string& keys);

}  // namespace patchbay::auth_jwt::testing
