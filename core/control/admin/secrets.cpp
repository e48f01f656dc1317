#include "admin/secrets.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <argon2.h>

#include <array>
#include <cstdint>

#include "base/assert.h"
#include "base/random.h"
#include "package/sha256.h"

namespace patchbay::admin {

namespace {

// What OWASP asks of argon2id at least; a login costs about 30 ms of one core.
constexpr uint32_t kPasses = 2;
constexpr uint32_t kMemoryKiB = 19 * 1024;
constexpr uint32_t kLanes = 1;
constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;
constexpr size_t kEncodedMax = 128;

constexpr size_t kPasswordCharactersMin = 8;
constexpr size_t kPasswordBytesMax = 64;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool is_letter(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

/// The six bits that each byte stands for in base64; -1: none.
constexpr std::array<int8_t, 256> kBase64Values = [] {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t value = 0; value < kDigits.size(); ++value)
    values[static_cast<uint8_t>(kDigits[value])] = static_cast<int8_t>(value);
  return values;
}();

}  // namespace

std::string random_text(size_t characters) {
  base::SystemRandom random;
  std::string text;
  while (text.size() < characters) {
    uint64_t bits = random.next();
    for (int count = 0; count < 10 && text.size() < characters; ++count, bits >>= 6) text += kAlphabet[bits & 63];
  }
  return text;
}

std::string sha256_text(std::string_view secret) {
  return package::sha256_text(secret);
}

bool equal_secrets(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

std::string hash_password(std::string_view password) {
  base::SystemRandom random;
  std::array<uint64_t, kSaltBytes / sizeof(uint64_t)> salt{};
  for (uint64_t& part : salt) part = random.next();
  std::string encoded(kEncodedMax, '\0');
  const int failed = argon2id_hash_encoded(kPasses, kMemoryKiB, kLanes, password.data(), password.size(), salt.data(),
                                           kSaltBytes, kHashBytes, encoded.data(), encoded.size());
  PATCHBAY_ASSERT(failed == ARGON2_OK);
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool password_matches(const std::string& encoded_hash, std::string_view password) {
  return argon2id_verify(encoded_hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

std::string password_problem(std::string_view password) {
  bool letters = false;
  bool digits = false;
  bool others = false;
  for (const char byte : password) {
    if (static_cast<uint8_t>(byte) < 0x20 || byte == 0x7F) return "a password has no control characters";
    letters = letters || is_letter(byte);
    digits = digits || is_digit(byte);
    others = others || (!is_letter(byte) && !is_digit(byte));
  }
  if (password.size() < kPasswordCharactersMin || password.size() > kPasswordBytesMax)
    return "a password has 8 to 64 characters";
  if (int(letters) + int(digits) + int(others) < 2)
    return "a password has at least two of: letters, digits, other characters";
  return {};
}

std::string base64_decode(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string decoded(text.size() * 6 / 8, '\0');
  char* next = decoded.data();
  uint32_t bits = 0;
  int count = 0;
  for (const char byte : text) {
    const int value = kBase64Values[static_cast<uint8_t>(byte)];
    if (value < 0) return {};
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    *next++ = static_cast<char>(bits >> count & 0xFF);
  }
  return decoded;
}

std::string base64_encode(std::string_view bytes) {
  std::string encoded(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  encoded.resize(static_cast<size_t>(size));
  return encoded;
}

}  // namespace patchbay::admin
