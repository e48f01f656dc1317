#include "verification_key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "openssl_handles.h"

namespace patchbay::auth_jwt {

namespace {

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::optional<KeyType> curve_of(EVP_PKEY* key) {
  char name[64];
  size_t length = 0;
  if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, &length) != 1) return {};
  const std::string_view curve(name, length);
  if (curve == "prime256v1") return KeyType::ec_p256;
  if (curve == "secp384r1") return KeyType::ec_p384;
  if (curve == "secp521r1") return KeyType::ec_p521;
  return std::nullopt;
}

std::optional<KeyType> type_of(EVP_PKEY* key, std::string& problem) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    const int bits = EVP_PKEY_get_bits(key);
    if (bits >= kMinimumRsaBits && bits <= kMaximumRsaBits) return KeyType::rsa;
    problem = "an RSA key of " + std::to_string(bits) + " bits; 2048 to 8192 are allowed";
    return std::nullopt;
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1 || EVP_PKEY_is_a(key, "ED448") == 1) return KeyType::edwards;
  problem = "a key that is none of RSA, P-256, P-384, P-521, Ed25519, Ed448";
  if (EVP_PKEY_is_a(key, "EC") != 1) return std::nullopt;
  const auto curve = curve_of(key);
  if (curve) problem.clear();
  return curve;
}

/// RFC 7518, 3.4: R and S, each as long as the curve's order; OpenSSL wants them as ASN.1. Empty: not that long.
std::string as_asn1(std::string_view signature, size_t coordinate_bytes) {
  if (signature.size() != 2 * coordinate_bytes) return {};
  const EcdsaSignature parts(ECDSA_SIG_new());
  BigNumber r(BN_bin2bn(octets(signature), static_cast<int>(coordinate_bytes), nullptr));
  BigNumber s(BN_bin2bn(octets(signature) + coordinate_bytes, static_cast<int>(coordinate_bytes), nullptr));
  if (!parts || !r || !s || ECDSA_SIG_set0(parts.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  unsigned char* encoded = nullptr;
  const int length = i2d_ECDSA_SIG(parts.get(), &encoded);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<char*>(encoded), static_cast<size_t>(length));
  OPENSSL_free(encoded);
  return out;
}

/// RFC 7518, 3.5: MGF1 with the same hash, a salt as long as the hash.
bool set_padding(EVP_PKEY_CTX* context, const AlgorithmFacts& facts) {
  if (facts.padding == Padding::none) return true;
  if (facts.padding == Padding::pkcs1) return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, facts.digest, nullptr) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

VerificationKey::~VerificationKey() {
  OPENSSL_cleanse(secret_.data(), secret_.size());
}

VerificationKey VerificationKey::from_secret(std::string secret) {
  VerificationKey made(KeyType::secret);
  made.secret_ = std::move(secret);
  return made;
}

std::optional<VerificationKey> VerificationKey::from_public_key(const PublicKey& key, std::string& problem) {
  const auto type = type_of(key.get(), problem);
  if (!type) return std::nullopt;
  VerificationKey made(*type);
  if (made.prepare(key)) return made;
  problem = "a key that OpenSSL does not verify with";
  return std::nullopt;
}

bool VerificationKey::prepare(const PublicKey& key) {
  for (size_t i = 0; i < kAlgorithmCount; ++i) {
    const AlgorithmFacts& facts = facts_of(static_cast<Algorithm>(i));
    if (facts.key_type != type_) continue;
    EVP_PKEY_CTX* key_context = nullptr;  // belongs to the digest's
    prepared_[i].reset(EVP_MD_CTX_new());
    if (!prepared_[i] ||
        EVP_DigestVerifyInit_ex(prepared_[i].get(), &key_context, facts.digest, nullptr, nullptr, key.get(), nullptr) !=
            1 ||
        !set_padding(key_context, facts)) {
      return false;
    }
  }
  return true;
}

bool VerificationKey::verifies(Algorithm algorithm, std::string_view signed_text, std::string_view signature) const {
  if (!fits(algorithm)) return false;
  const AlgorithmFacts& facts = facts_of(algorithm);
  if (type_ == KeyType::secret) return hmac_verifies(facts, signed_text, signature);
  if (facts.coordinate_bytes == 0) return digest_verifies(algorithm, signed_text, signature);
  const std::string asn1 = as_asn1(signature, facts.coordinate_bytes);
  return !asn1.empty() && digest_verifies(algorithm, signed_text, asn1);
}

bool VerificationKey::hmac_verifies(const AlgorithmFacts& facts, std::string_view text, std::string_view tag) const {
  if (tag.size() != facts.digest_bytes) return false;
  unsigned char made[EVP_MAX_MD_SIZE];
  size_t length = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, facts.digest, nullptr, secret_.data(), secret_.size(), octets(text),
                text.size(), made, sizeof made, &length) == nullptr) {
    return false;
  }
  return length == tag.size() && CRYPTO_memcmp(made, tag.data(), length) == 0;
}

bool VerificationKey::digest_verifies(Algorithm algorithm, std::string_view text, std::string_view bytes) const {
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD_CTX* prepared = prepared_[static_cast<size_t>(algorithm)].get();
  const bool verified = context && prepared != nullptr && EVP_MD_CTX_copy_ex(context.get(), prepared) == 1 &&
                        EVP_DigestVerify(context.get(), octets(bytes), bytes.size(), octets(text), text.size()) == 1;
  if (!verified) ERR_clear_error();  // the queue is the thread's, and others read it too
  return verified;
}

}  // namespace patchbay::auth_jwt
