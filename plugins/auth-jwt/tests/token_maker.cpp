#include "token_maker.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>
#include <stdexcept>
#include <vector>

#include "openssl_handles.h"
#include "support/base64.h"

namespace patchbay::auth_jwt::testing {

namespace {

void must(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("OpenSSL can't: ") + what);
}

std::string number(EVP_PKEY* key, const char* name, size_t bytes = 0) {
  BIGNUM* raw = nullptr;
  must(EVP_PKEY_get_bn_param(key, name, &raw) == 1, name);
  const BigNumber value(raw);
  std::string out(bytes == 0 ? static_cast<size_t>(BN_num_bytes(raw)) : bytes, '\0');
  must(BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size())) >= 0, "pad");
  return base64url(out);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

/// RFC 7518, 3.4: both halves as long as the curve's order.
std::string halves(const std::string& asn1, size_t coordinate_bytes) {
  const auto* at = reinterpret_cast<const unsigned char*>(asn1.data());
  const EcdsaSignature parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(asn1.size())));
  std::string out(2 * coordinate_bytes, '\0');
  auto* to = reinterpret_cast<unsigned char*>(out.data());
  const int length = static_cast<int>(coordinate_bytes);
  must(BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), to, length) > 0, "r");
  must(BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), to + coordinate_bytes, length) > 0, "s");
  return out;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text = support::base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

SigningKey::SigningKey(evp_pkey_st* key) : key_(key, &EVP_PKEY_free) {
  must(key != nullptr, "make a key");
}
SigningKey SigningKey::rsa(unsigned bits) {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", static_cast<size_t>(bits)));
}
SigningKey SigningKey::curve(const std::string& group) {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group.c_str()));
}
SigningKey SigningKey::edwards(const std::string& type) {
  return SigningKey(EVP_PKEY_Q_keygen(nullptr, nullptr, type.c_str()));
}

const SigningKey& SigningKey::for_algorithm(Algorithm algorithm) {
  static std::map<KeyType, SigningKey> made;
  const KeyType type = facts_of(algorithm).key_type;
  const auto known = made.find(type);
  if (known != made.end()) return known->second;
  const auto fresh = [type] {
    switch (type) {
      case KeyType::ec_p256:
        return curve("P-256");
      case KeyType::ec_p384:
        return curve("P-384");
      case KeyType::ec_p521:
        return curve("P-521");
      case KeyType::edwards:
        return edwards("ED25519");
      default:
        return rsa();
    }
  };
  return made.emplace(type, fresh()).first->second;
}

std::string SigningKey::signature(Algorithm algorithm, std::string_view text) const {
  const AlgorithmFacts& facts = facts_of(algorithm);
  const DigestContext context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key = nullptr;
  must(EVP_DigestSignInit_ex(context.get(), &key, facts.digest, nullptr, nullptr, key_.get(), nullptr) == 1, "sign");
  if (facts.padding == Padding::pss) {
    must(EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) == 1, "PSS");
    must(EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) == 1, "salt");
  }
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t length = 0;
  must(EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size()) == 1, "sign");
  std::string made(length, '\0');
  must(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(made.data()), &length, bytes, text.size()) == 1,
       "sign");
  made.resize(length);
  return facts.coordinate_bytes == 0 ? made : halves(made, facts.coordinate_bytes);
}

std::string SigningKey::public_pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1, "write");
  return text_of(out.get());
}

std::string SigningKey::private_pem() const {
  const Bio out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1, "write");
  return text_of(out.get());
}

std::string SigningKey::certificate_pem() const {
  const X509Certificate made(X509_new());
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  must(X509_set_pubkey(made.get(), key_.get()) == 1 && X509_sign(made.get(), key_.get(), EVP_sha256()) > 0, "sign");
  const Bio out(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(out.get(), made.get()) == 1, "write");
  return text_of(out.get());
}

std::string SigningKey::jwk(const std::string& more) const {
  EVP_PKEY* key = key_.get();
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    return R"({"kty":"RSA","n":")" + number(key, OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number(key, OSSL_PKEY_PARAM_RSA_E) + "\"" + more + "}";
  }
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const size_t bytes = static_cast<size_t>((EVP_PKEY_get_bits(key) + 7) / 8);
    const std::string name = bytes == 32 ? "P-256" : bytes == 48 ? "P-384" : "P-521";
    return R"({"kty":"EC","crv":")" + name + R"(","x":")" + number(key, OSSL_PKEY_PARAM_EC_PUB_X, bytes) +
           R"(","y":")" + number(key, OSSL_PKEY_PARAM_EC_PUB_Y, bytes) + "\"" + more + "}";
  }
  unsigned char raw[64];
  size_t length = sizeof raw;
  must(EVP_PKEY_get_raw_public_key(key, raw, &length) == 1, "raw key");
  const std::string_view bytes(reinterpret_cast<const char*>(raw), length);
  return R"({"kty":"OKP","crv":")" + std::string(length == 32 ? "Ed25519" : "Ed448") + R"(","x":")" + base64url(bytes) +
         "\"" + more + "}";
}

std::string hmac(Algorithm algorithm, std::string_view secret, std::string_view text) {
  unsigned char made[EVP_MAX_MD_SIZE];
  size_t length = 0;
  must(EVP_Q_mac(nullptr, "HMAC", nullptr, facts_of(algorithm).digest, nullptr, secret.data(), secret.size(),
                 reinterpret_cast<const unsigned char*>(text.data()), text.size(), made, sizeof made,
                 &length) != nullptr,
       "HMAC");
  return std::string(reinterpret_cast<char*>(made), length);
}

std::string raw_token(const std::string& header, const std::string& payload, std::string_view signature) {
  return base64url(header) + "." + base64url(payload) + "." + base64url(signature);
}

namespace {

std::string header_of(Algorithm algorithm, const std::string& more) {
  return R"({"alg":")" + std::string(facts_of(algorithm).name) + R"(","typ":"JWT")" + more + "}";
}

}  // namespace

std::string signed_token(const SigningKey& key, Algorithm algorithm, const std::string& payload,
                         const std::string& more_header) {
  const std::string text = base64url(header_of(algorithm, more_header)) + "." + base64url(payload);
  return text + "." + base64url(key.signature(algorithm, text));
}

std::string hmac_token(std::string_view secret, const std::string& payload, Algorithm algorithm,
                       const std::string& more_header) {
  const std::string text = base64url(header_of(algorithm, more_header)) + "." + base64url(payload);
  return text + "." + base64url(hmac(algorithm, secret, text));
}

std::string key_set_of(const std::string& keys) {
  return R"({"keys":[)" + keys + "]}";
}

}  // namespace patchbay::auth_jwt::testing
