#include "support/encoded_password.h"

#include <argon2.h>
#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <charconv>
#include <memory>
#include <vector>

#include "support/base64.h"

namespace patchbay::support {

namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kMaximumEncodedBytes = 4096;
constexpr size_t kBcryptPasswordBytes = 72;
constexpr size_t kSha512Bytes = 64;
// The functions that passlib has names for, with the length of their keys: one that is cut off is no hash.
constexpr std::array<std::pair<MacFunction, size_t>, 3> kPasslibFunctions{
    {{MacFunction::sha, 20}, {MacFunction::sha256, 32}, {MacFunction::sha512, kSha512Bytes}}};

struct Pbkdf2Form {
  MacFunction function = MacFunction::sha256;
  uint32_t iterations = 0;
  std::string salt;
  std::string key;
};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (size_t from = 0;;) {
    const size_t end = text.find('$', from);
    parts.push_back(text.substr(from, end - from));
    if (end == std::string_view::npos) return parts;
    from = end + 1;
  }
}

std::optional<uint32_t> number(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// passlib's "adapted" base64: '.' for '+', and no padding.
std::string adapted_base64(std::string_view bytes) {
  std::string text = base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& letter : text) letter = letter == '+' ? '.' : letter;
  return text;
}

std::optional<std::string> from_adapted_base64(std::string_view adapted) {
  std::string text(adapted);
  for (char& letter : text) letter = letter == '.' ? '+' : letter;
  while (text.size() % 4 != 0) text += '=';
  return from_base64(text);
}

std::string_view passlib_name(MacFunction function) {
  switch (function) {
    case MacFunction::sha:
      return "pbkdf2";
    case MacFunction::sha256:
      return "pbkdf2-sha256";
    case MacFunction::sha512:
      return "pbkdf2-sha512";
    default:
      return {};
  }
}

// "", name, iterations, salt, key
std::optional<Pbkdf2Form> parse_passlib(const std::vector<std::string_view>& parts) {
  if (parts.size() != 5) return std::nullopt;
  for (const auto& [function, key_bytes] : kPasslibFunctions) {
    if (parts[1] != passlib_name(function)) continue;
    const auto iterations = number(parts[2]);
    auto salt = from_adapted_base64(parts[3]);
    auto key = from_adapted_base64(parts[4]);
    if (!iterations || !salt || !key || key->size() != key_bytes) return std::nullopt;
    return Pbkdf2Form{function, *iterations, std::move(*salt), std::move(*key)};
  }
  return std::nullopt;
}

// Mosquitto 2: "", "7", iterations, salt, key
std::optional<Pbkdf2Form> parse_mosquitto_7(const std::vector<std::string_view>& parts) {
  if (parts.size() != 5 || parts[1] != "7") return std::nullopt;
  const auto iterations = number(parts[2]);
  auto salt = from_base64(parts[3]);
  auto key = from_base64(parts[4]);
  if (!iterations || !salt || !key || key->size() != kSha512Bytes) return std::nullopt;
  return Pbkdf2Form{MacFunction::sha512, *iterations, std::move(*salt), std::move(*key)};
}

struct Sha512Form {
  std::string salt;
  std::string hash;
};

// Mosquitto 1: "", "6", salt, hash of password and salt. crypt's own "$6$" has no valid base64 of 64 bytes there.
std::optional<Sha512Form> parse_mosquitto_6(const std::vector<std::string_view>& parts) {
  if (parts.size() != 4 || parts[1] != "6") return std::nullopt;
  auto salt = from_base64(parts[2]);
  auto hash = from_base64(parts[3]);
  if (!salt || !hash || hash->size() != kSha512Bytes) return std::nullopt;
  return Sha512Form{std::move(*salt), std::move(*hash)};
}

std::optional<Pbkdf2Form> parse_pbkdf2(std::string_view encoded) {
  const auto parts = split(encoded);
  auto form = parse_mosquitto_7(parts);
  if (!form) form = parse_passlib(parts);
  if (!form || form->iterations == 0 || form->iterations > kMaximumPbkdf2Iterations) {
    return std::nullopt;
  }
  return form;
}

bool verify_sha512(std::string_view password, const Sha512Form& form) {
  std::string text(password);
  text += form.salt;
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned length = 0;
  const bool made = EVP_Digest(text.data(), text.size(), hash.data(), &length, EVP_sha512(), nullptr) == 1;
  OPENSSL_cleanse(text.data(), text.size());
  return made && equal_in_constant_time({reinterpret_cast<const char*>(hash.data()), length}, form.hash);
}

// The hash of `password` by a setting or a hash of crypt's; empty where crypt refuses.
std::string crypt_hash(std::string_view password, std::string_view setting) {
  std::string phrase(password);
  const std::string by(setting);
  auto data = std::make_unique<crypt_data>();
  const char* hash = crypt_rn(phrase.c_str(), by.c_str(), data.get(), sizeof(crypt_data));
  std::string result = hash == nullptr ? std::string() : std::string(hash);
  OPENSSL_cleanse(phrase.data(), phrase.size());
  OPENSSL_cleanse(data.get(), sizeof(crypt_data));
  return result;
}

bool verify_bcrypt(std::string_view password, std::string_view encoded) {
  // crypt would stop at a NUL, and take "secret\0anything" for "secret".
  if (password.find('\0') != std::string_view::npos) return false;
  const std::string hash = crypt_hash(password, encoded);
  return !hash.empty() && equal_in_constant_time(hash, encoded);
}

// The number behind `mark` in "$argon2id$v=19$m=8192,t=2,p=1$…".
uint32_t argon2_parameter(std::string_view encoded, std::string_view mark, uint32_t missing) {
  const size_t at = encoded.find(mark);
  if (at == std::string_view::npos) return missing;
  const std::string_view rest = encoded.substr(at + mark.size());
  return number(rest.substr(0, rest.find_first_of(",$"))).value_or(missing);
}

bool argon2_is_bearable(std::string_view encoded) {
  constexpr uint32_t too_much = UINT32_MAX;
  return argon2_parameter(encoded, "$m=", too_much) <= kMaximumArgon2Memory_kib &&
         argon2_parameter(encoded, ",t=", too_much) <= kMaximumArgon2Passes &&
         argon2_parameter(encoded, ",p=", too_much) <= kMaximumArgon2Lanes;
}

bool bcrypt_is_bearable(std::string_view encoded) {
  return number(encoded.substr(4, 2)).value_or(UINT32_MAX) <= kMaximumBcryptRounds && encoded[6] == '$';
}

bool verify_argon2id(std::string_view password, std::string_view encoded) {
  const std::string text(encoded);
  return argon2id_verify(text.c_str(), password.data(), password.size()) == ARGON2_OK;
}

std::optional<std::string> random_salt() {
  std::string salt(kSaltBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) != 1) return {};
  return salt;
}

std::optional<std::string> hash_argon2id(const HashCost& cost, std::string_view password, std::string_view salt) {
  constexpr size_t hash_bytes = 32;
  if (cost.argon2_memory_kib > kMaximumArgon2Memory_kib || cost.argon2_passes > kMaximumArgon2Passes ||
      cost.argon2_lanes > kMaximumArgon2Lanes)
    return std::nullopt;
  std::string encoded(argon2_encodedlen(cost.argon2_passes, cost.argon2_memory_kib, cost.argon2_lanes,
                                        static_cast<uint32_t>(salt.size()), hash_bytes, Argon2_id),
                      '\0');
  const int result =
      argon2id_hash_encoded(cost.argon2_passes, cost.argon2_memory_kib, cost.argon2_lanes, password.data(),
                            password.size(), salt.data(), salt.size(), hash_bytes, encoded.data(), encoded.size());
  if (result != ARGON2_OK) return std::nullopt;
  encoded.resize(encoded.find('\0'));
  return encoded;
}

std::optional<std::string> hash_bcrypt(const HashCost& cost, std::string_view password, std::string_view salt) {
  if (password.size() > kBcryptPasswordBytes || password.find('\0') != std::string_view::npos) return std::nullopt;
  if (cost.bcrypt_rounds < 4 || cost.bcrypt_rounds > kMaximumBcryptRounds) return std::nullopt;
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  if (crypt_gensalt_rn("$2b$", cost.bcrypt_rounds, salt.data(), static_cast<int>(salt.size()), setting.data(),
                       static_cast<int>(setting.size())) == nullptr) {
    return std::nullopt;
  }
  std::string hash = crypt_hash(password, setting.data());
  if (!is_bcrypt(hash)) return std::nullopt;
  return hash;
}

std::optional<std::string> hash_pbkdf2(const HashCost& cost, std::string_view password, std::string_view salt) {
  const std::string_view name = passlib_name(cost.mac_fun);
  const std::string key = derive_key(cost.mac_fun, password, salt, cost.iterations, 0);
  if (name.empty() || key.empty()) return std::nullopt;
  return "$" + std::string(name) + "$" + std::to_string(cost.iterations) + "$" + adapted_base64(salt) + "$" +
         adapted_base64(key);
}

}  // namespace

bool is_bcrypt(std::string_view encoded) {
  if (encoded.size() != 60 || !bcrypt_is_bearable(encoded)) return false;
  return encoded.starts_with("$2a$") || encoded.starts_with("$2b$") || encoded.starts_with("$2y$");
}

bool is_argon2id(std::string_view encoded) {
  return encoded.starts_with("$argon2id$") && argon2_is_bearable(encoded);
}

bool is_encoded_password(std::string_view encoded) {
  if (encoded.size() > kMaximumEncodedBytes || encoded.find('\0') != std::string_view::npos) return false;
  return is_bcrypt(encoded) || is_argon2id(encoded) || parse_mosquitto_6(split(encoded)).has_value() ||
         parse_pbkdf2(encoded).has_value();
}

bool verify_encoded_password(std::string_view password, std::string_view encoded) {
  if (encoded.size() > kMaximumEncodedBytes || encoded.find('\0') != std::string_view::npos) return false;
  if (password.size() > kMaximumPasswordBytes) return false;
  if (is_bcrypt(encoded)) return verify_bcrypt(password, encoded);
  if (is_argon2id(encoded)) return verify_argon2id(password, encoded);
  if (const auto form = parse_mosquitto_6(split(encoded))) return verify_sha512(password, *form);
  const auto form = parse_pbkdf2(encoded);
  if (!form) return false;
  const auto length = static_cast<uint32_t>(form->key.size());
  return equal_in_constant_time(derive_key(form->function, password, form->salt, form->iterations, length), form->key);
}

std::optional<std::string> hash_password(const HashCost& cost, std::string_view password) {
  const auto salt = random_salt();
  if (!salt || password.size() > kMaximumPasswordBytes) return std::nullopt;
  switch (cost.algorithm) {
    case HashAlgorithm::argon2id:
      return hash_argon2id(cost, password, *salt);
    case HashAlgorithm::bcrypt:
      return hash_bcrypt(cost, password, *salt);
    case HashAlgorithm::pbkdf2:
      return hash_pbkdf2(cost, password, *salt);
    default:
      return std::nullopt;
  }
}

}  // namespace patchbay::support
