#include "scram_hash.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>

#include "saslprep.h"
#include "support/base64.h"
#include "support/encoded_password.h"

namespace patchbay::auth_file {

namespace {

const EVP_MD* digest_of(ScramHash hash) {
  return hash == ScramHash::sha256 ? EVP_sha256() : EVP_sha512();
}

size_t bytes_of(ScramHash hash) {
  return hash == ScramHash::sha256 ? 32 : 64;
}

const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view take_until(std::string_view& rest, char end) {
  const size_t at = rest.find(end);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

}  // namespace

std::optional<ScramHash> scram_hash_from(std::string_view mechanism) {
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    if (mechanism == scram_mechanism(hash)) return hash;
  }
  return std::nullopt;
}

std::string_view scram_mechanism(ScramHash hash) {
  return hash == ScramHash::sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-512";
}

std::string scram_h(ScramHash hash, std::string_view text) {
  std::string out(bytes_of(hash), '\0');
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, digest_of(hash), nullptr);
  return out;
}

std::string scram_hmac(ScramHash hash, std::string_view key, std::string_view text) {
  std::string out(bytes_of(hash), '\0');
  unsigned length = 0;
  HMAC(digest_of(hash), key.data(), static_cast<int>(key.size()), raw(text), text.size(),
       reinterpret_cast<unsigned char*>(out.data()), &length);
  return out;
}

std::string scram_hi(ScramHash hash, std::string_view password, std::string_view salt, uint32_t iterations) {
  // Hi() is PBKDF2 with HMAC and one block of output. (RFC 5802, section 2.2)
  const auto function = hash == ScramHash::sha256 ? support::MacFunction::sha256 : support::MacFunction::sha512;
  return support::derive_key(function, password, salt, iterations, 0);
}

std::string scram_xor(std::string_view left, std::string_view right) {
  std::string out(left);
  for (size_t at = 0; at < out.size() && at < right.size(); ++at) {
    out[at] = static_cast<char>(static_cast<unsigned char>(out[at]) ^ static_cast<unsigned char>(right[at]));
  }
  return out;
}

std::string ScramCredential::text(ScramHash hash) const {
  return std::string(scram_mechanism(hash)) + "$" + std::to_string(iterations) + ":" + support::base64(salt) + "$" +
         support::base64(stored_key) + ":" + support::base64(server_key);
}

std::optional<ScramCredential> ScramCredential::parse(ScramHash hash, std::string_view text) {
  if (take_until(text, '$') != scram_mechanism(hash)) return std::nullopt;
  ScramCredential credential;
  const std::string_view count = take_until(text, ':');
  const auto read = std::from_chars(count.data(), count.data() + count.size(), credential.iterations);
  if (count.empty() || read.ec != std::errc() || read.ptr != count.data() + count.size()) return std::nullopt;
  if (credential.iterations == 0 || credential.iterations > kMaximumScramIterations) return std::nullopt;
  const auto salt = support::from_base64(take_until(text, '$'));
  const auto stored_key = support::from_base64(take_until(text, ':'));
  const auto server_key = support::from_base64(text);
  if (!salt || salt->empty() || !stored_key || !server_key) return std::nullopt;
  if (stored_key->size() != bytes_of(hash) || server_key->size() != bytes_of(hash)) return std::nullopt;
  credential.salt = *salt;
  credential.stored_key = *stored_key;
  credential.server_key = *server_key;
  return credential;
}

std::optional<ScramCredential> make_scram_credential(ScramHash hash, std::string_view password, uint32_t iterations) {
  if (iterations < kMinimumScramIterations || iterations > kMaximumScramIterations) return std::nullopt;
  // RFC 5802, section 2.2: Normalize(str), of what is stored
  const auto prepared = saslprep(password, SaslprepUse::stored);
  if (!prepared) return std::nullopt;
  ScramCredential made;
  made.iterations = iterations;
  made.salt.resize(kScramSaltBytes);
  if (RAND_bytes(reinterpret_cast<unsigned char*>(made.salt.data()), static_cast<int>(kScramSaltBytes)) != 1) return {};
  // RFC 5802, section 3
  const std::string salted_password = scram_hi(hash, *prepared, made.salt, iterations);
  if (salted_password.empty()) return std::nullopt;
  made.stored_key = scram_h(hash, scram_hmac(hash, salted_password, "Client Key"));
  made.server_key = scram_hmac(hash, salted_password, "Server Key");
  return made;
}

}  // namespace patchbay::auth_file
