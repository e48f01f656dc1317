#include "decoy_hash.h"

namespace patchbay::auth_file {

namespace {

// Base64 of bytes that no hash function gives anybody reason to expect: all zero.
std::string zeros(size_t bytes) {
  return std::string((bytes * 8 + 5) / 6, 'A');
}

std::string bcrypt_decoy(uint32_t rounds) {
  const std::string exponent = std::to_string(rounds);
  constexpr size_t salt_and_hash = 53;
  return "$2b$" + std::string(exponent.size() == 1 ? "0" : "") + exponent + "$" + std::string(salt_and_hash, '.');
}

std::string pbkdf2_decoy(const HashSettings& by) {
  const bool sha1 = by.pbkdf2_mac_fun == "sha";
  const size_t bytes = sha1 ? 20 : by.pbkdf2_mac_fun == "sha512" ? 64 : 32;
  return "$pbkdf2" + (sha1 ? std::string() : "-" + by.pbkdf2_mac_fun) + "$" + std::to_string(by.pbkdf2_iterations) +
         "$" + zeros(16) + "$" + zeros(bytes);
}

}  // namespace

std::string decoy_hash(const HashSettings& by) {
  if (by.algorithm == "bcrypt") return bcrypt_decoy(by.bcrypt_rounds);
  if (by.algorithm == "pbkdf2") return pbkdf2_decoy(by);
  return "$argon2id$v=19$m=" + std::to_string(by.argon2_memory_kib) + ",t=" + std::to_string(by.argon2_passes) +
         ",p=" + std::to_string(by.argon2_lanes) + "$" + zeros(16) + "$" + zeros(32);
}

}  // namespace patchbay::auth_file
