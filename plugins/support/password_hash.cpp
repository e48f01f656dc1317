#include "support/password_hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <utility>

#include "support/encoded_password.h"

namespace patchbay::support {

namespace {

template <class Value, size_t Count>
std::optional<Value> by_name(const std::array<std::pair<std::string_view, Value>, Count>& names,
                             std::string_view name) {
  for (const auto& [known, value] : names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

const EVP_MD* digest_of(HashAlgorithm algorithm) {
  switch (algorithm) {
    case HashAlgorithm::md5:
      return EVP_md5();
    case HashAlgorithm::sha:
      return EVP_sha1();
    case HashAlgorithm::sha256:
      return EVP_sha256();
    case HashAlgorithm::sha512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

const EVP_MD* digest_of(MacFunction function) {
  switch (function) {
    case MacFunction::md5:
      return EVP_md5();
    case MacFunction::ripemd160:
      return EVP_ripemd160();
    case MacFunction::sha:
      return EVP_sha1();
    case MacFunction::sha224:
      return EVP_sha224();
    case MacFunction::sha256:
      return EVP_sha256();
    case MacFunction::sha384:
      return EVP_sha384();
    case MacFunction::sha512:
      return EVP_sha512();
  }
  return nullptr;
}

std::string salted(SaltPosition position, std::string_view password, std::string_view salt) {
  std::string text;
  text.reserve(password.size() + salt.size());
  if (position == SaltPosition::prefix) text.append(salt);
  text.append(password);
  if (position == SaltPosition::suffix) text.append(salt);
  return text;
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    text += digits[value >> 4];
    text += digits[value & 15];
  }
  return text;
}

bool equals_hexadecimal(std::string_view bytes, std::string_view stored) {
  std::string lower(stored);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'F') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return equal_in_constant_time(hexadecimal(bytes), lower);
}

bool verify_digest(const PasswordHash& kind, std::string_view password, std::string_view stored,
                   std::string_view salt) {
  std::string text = salted(kind.salt_position, password, salt);
  const EVP_MD* digest = digest_of(kind.algorithm);
  bool equal = false;
  if (digest == nullptr) {
    equal = equal_in_constant_time(text, stored);
  } else {
    std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
    unsigned length = 0;
    equal = EVP_Digest(text.data(), text.size(), hash.data(), &length, digest, nullptr) == 1 &&
            equals_hexadecimal({reinterpret_cast<const char*>(hash.data()), length}, stored);
  }
  OPENSSL_cleanse(text.data(), text.size());
  return equal;
}

bool verify_pbkdf2(const PasswordHash& kind, std::string_view password, std::string_view stored,
                   std::string_view salt) {
  const std::string key = derive_key(kind.mac_fun, password, salt, kind.iterations, kind.dk_length);
  return !key.empty() && equals_hexadecimal(key, stored);
}

}  // namespace

std::optional<HashAlgorithm> hash_algorithm_from(std::string_view name) {
  using enum HashAlgorithm;
  static constexpr std::array<std::pair<std::string_view, HashAlgorithm>, 8> names{{{"plain", plain},
                                                                                    {"md5", md5},
                                                                                    {"sha", sha},
                                                                                    {"sha256", sha256},
                                                                                    {"sha512", sha512},
                                                                                    {"bcrypt", bcrypt},
                                                                                    {"pbkdf2", pbkdf2},
                                                                                    {"argon2id", argon2id}}};
  return by_name(names, name);
}

std::optional<SaltPosition> salt_position_from(std::string_view name) {
  using enum SaltPosition;
  static constexpr std::array<std::pair<std::string_view, SaltPosition>, 3> names{
      {{"disable", disable}, {"prefix", prefix}, {"suffix", suffix}}};
  return by_name(names, name);
}

std::optional<MacFunction> mac_function_from(std::string_view name) {
  using enum MacFunction;
  static constexpr std::array<std::pair<std::string_view, MacFunction>, 7> names{{{"md5", md5},
                                                                                  {"ripemd160", ripemd160},
                                                                                  {"sha", sha},
                                                                                  {"sha224", sha224},
                                                                                  {"sha256", sha256},
                                                                                  {"sha384", sha384},
                                                                                  {"sha512", sha512}}};
  return by_name(names, name);
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string derive_key(MacFunction function, std::string_view password, std::string_view salt, uint32_t iterations,
                       uint32_t length) {
  const EVP_MD* digest = digest_of(function);
  if (length == 0) length = static_cast<uint32_t>(EVP_MD_get_size(digest));
  if (iterations == 0 || iterations > kMaximumPbkdf2Iterations || length > kMaximumDerivedKeyBytes) return {};
  if (password.size() > kMaximumPasswordBytes) return {};
  std::string key(length, '\0');
  const int made = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                     reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                     static_cast<int>(iterations), digest, static_cast<int>(length),
                                     reinterpret_cast<unsigned char*>(key.data()));
  return made == 1 ? key : std::string();
}

bool verify_password(const PasswordHash& kind, std::string_view password, std::string_view stored,
                     std::string_view salt) {
  // An empty hash is a row without a password, never one that everybody knows.
  if (stored.empty() || password.size() > kMaximumPasswordBytes) return false;
  switch (kind.algorithm) {
    case HashAlgorithm::bcrypt:
      return is_bcrypt(stored) && verify_encoded_password(password, stored);
    case HashAlgorithm::argon2id:
      return is_argon2id(stored) && verify_encoded_password(password, stored);
    case HashAlgorithm::pbkdf2:
      return verify_pbkdf2(kind, password, stored, salt);
    default:
      return verify_digest(kind, password, stored, salt);
  }
}

}  // namespace patchbay::support
