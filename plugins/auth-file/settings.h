#pragma once

#include <patchbay/settings.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "support/password_hash.h"

namespace patchbay::auth_file {

/// How new passwords are hashed.
struct HashSettings {
  std::string algorithm = "argon2id";  ///< or "bcrypt", "pbkdf2"
  uint32_t argon2_memory_kib = 4096;
  uint32_t argon2_passes = 2;
  uint32_t argon2_lanes = 1;
  uint32_t bcrypt_rounds = 8;
  std::string pbkdf2_mac_fun = "sha256";  ///< or "sha", "sha512"
  uint32_t pbkdf2_iterations = 20'000;

  template <typename Fields>
  void describe(Fields& fields) {
    fields.optional("algorithm", algorithm);
    fields.optional("argon2_memory_kib", argon2_memory_kib);
    fields.optional("argon2_passes", argon2_passes);
    fields.optional("argon2_lanes", argon2_lanes);
    fields.optional("bcrypt_rounds", bcrypt_rounds);
    fields.optional("pbkdf2_mac_fun", pbkdf2_mac_fun);
    fields.optional("pbkdf2_iterations", pbkdf2_iterations);
  }
  [[nodiscard]] support::HashCost cost() const;
};

/// The settings of an instance; manifest.json says what they may be.
struct Settings {
  std::string path = "users.jsonl";
  std::string user_id_type = "username";  ///< or "clientid"
  std::string unknown_user = "deny";      ///< or "next"
  HashSettings password_hash;
  std::vector<std::string> scram_mechanisms{"SCRAM-SHA-256", "SCRAM-SHA-512"};
  uint32_t scram_iterations = 10'000;
  std::chrono::milliseconds check_interval{5000};
  std::chrono::milliseconds cache_ttl{300'000};
  uint32_t cache_entries = 10'000;  ///< of each shard
  uint32_t max_pending_verifications = 200;

  template <typename Fields>
  void describe(Fields& fields) {
    fields.optional("path", path);
    fields.optional("user_id_type", user_id_type);
    fields.optional("unknown_user", unknown_user);
    fields.optional("password_hash", password_hash);
    fields.optional("scram_mechanisms", scram_mechanisms);
    fields.optional("scram_iterations", scram_iterations);
    fields.optional("check_interval", check_interval);
    fields.optional("cache_ttl", cache_ttl);
    fields.optional("cache_entries", cache_entries);
    fields.optional("max_pending_verifications", max_pending_verifications);
  }
  [[nodiscard]] bool by_client_id() const { return user_id_type == "clientid"; }
};

}  // namespace patchbay::auth_file
