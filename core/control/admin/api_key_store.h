#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api_request.h"
#include "base/clock.h"
#include "base/result.h"

namespace patchbay::admin {

/// A key of a program: HTTP Basic, api_key:api_secret.
struct ApiKey {
  std::string name;
  std::string api_key;
  std::string salt;
  std::string secret_hash;  ///< SHA-256 of salt and secret
  std::string description;
  Role role = Role::administrator;
  std::set<std::string> scopes;  ///< empty: all
  bool enable = true;
  std::optional<uint64_t> expires_unix_ms;  ///< nothing: never
  uint64_t created_unix_ms = 0;

  [[nodiscard]] bool expired(uint64_t now_unix_ms) const { return expires_unix_ms.value_or(UINT64_MAX) <= now_unix_ms; }
};

/// The names that a key's scopes and a route's scope can have. [any-thread]
[[nodiscard]] std::span<const std::string_view> api_scopes();

/// The API keys of this node, kept in a file, whole and 0600, at each change. Secrets are kept as hashes. [any-thread]
class ApiKeyStore {
 public:
  static constexpr size_t kKeysMax = 100;
  enum class Change : uint8_t { done, exists, unknown, too_many, not_kept };

  /// `clock` must outlive this.
  ApiKeyStore(std::filesystem::path file, const base::Clock& clock) : file_(std::move(file)), clock_(clock) {}

  /// Reads the file; none: no keys. The error is a sentence.
  [[nodiscard]] base::Result<bool, std::string> load();
  /// Takes the keys of a bootstrap file, lines `key:secret[:role]`, that are not there yet. The error is a sentence
  /// that names the line and no secret.
  [[nodiscard]] base::Result<size_t, std::string> take_bootstrap(const std::filesystem::path& file);

  [[nodiscard]] std::vector<ApiKey> list() const;
  [[nodiscard]] std::optional<ApiKey> find(std::string_view name) const;
  /// Makes a key with a secret, which is told this once.
  [[nodiscard]] Change add(ApiKey& key, std::string& secret);
  /// Description, enable, role, scopes and expiry of the key of that name.
  [[nodiscard]] Change update(const ApiKey& key);
  [[nodiscard]] Change remove(std::string_view name);
  /// The key, when it exists, is on, has not expired and has this secret. Takes as long where it does not exist.
  [[nodiscard]] std::optional<ApiKey> check(std::string_view api_key, std::string_view secret) const;

 private:
  using Keys = std::map<std::string, ApiKey, std::less<>>;

  [[nodiscard]] Change keep(Keys changed);
  [[nodiscard]] Change insert(ApiKey key);

  const std::filesystem::path file_;
  const base::Clock& clock_;
  std::mutex change_mutex_;   // one change at a time; held while the file is written, and before the other
  mutable std::mutex mutex_;  // guards what follows; held for moments, since every request is checked
  Keys keys_;                 ///< by name
};

}  // namespace patchbay::admin
