#include "admin/api_key_store.h"

#include <algorithm>

#include "admin/json.h"
#include "admin/secrets.h"
#include "admin/user_store.h"
#include "base/log.h"
#include "package/durable_file.h"
#include "package/json_text.h"

namespace patchbay::admin {

namespace {

constexpr size_t kKeyFileBytesMax = 1u << 20;
constexpr size_t kKeyCharacters = 16;
constexpr size_t kSecretCharacters = 43;
constexpr size_t kSaltCharacters = 22;
constexpr size_t kBootstrapSecretMin = 8;

constexpr std::string_view kScopes[] = {"connections", "publish", "access_control", "gateways",
                                        "monitoring",  "plugins", "system",         "audit"};

Json to_json(const ApiKey& key) {
  return {{"name", key.name},
          {"api_key", key.api_key},
          {"salt", key.salt},
          {"secret_hash", key.secret_hash},
          {"description", key.description},
          {"role", role_name(key.role)},
          {"scopes", key.scopes},
          {"enable", key.enable},
          {"expires_unix_ms", key.expires_unix_ms ? Json(*key.expires_unix_ms) : Json()},
          {"created_unix_ms", key.created_unix_ms}};
}

std::optional<ApiKey> key_of(const Json& json) {
  try {
    ApiKey key;
    key.name = json.at("name").get<std::string>();
    key.api_key = json.at("api_key").get<std::string>();
    key.salt = json.at("salt").get<std::string>();
    key.secret_hash = json.at("secret_hash").get<std::string>();
    key.description = json.at("description").get<std::string>();
    key.scopes = json.at("scopes").get<std::set<std::string>>();
    key.enable = json.at("enable").get<bool>();
    key.created_unix_ms = json.at("created_unix_ms").get<uint64_t>();
    if (!json.at("expires_unix_ms").is_null()) key.expires_unix_ms = json.at("expires_unix_ms").get<uint64_t>();
    const auto role = role_of(json.at("role").get<std::string>());
    if (!role || key.name.empty() || key.api_key.empty() || key.secret_hash.empty()) return std::nullopt;
    key.role = *role;
    return key;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

/// A line of a bootstrap file; nothing where it is none.
std::optional<ApiKey> bootstrap_key(std::string_view line) {
  const auto parts = split(line, ':');
  if (parts.size() < 2 || parts.size() > 3 || parts[0].empty() || parts[1].size() < kBootstrapSecretMin)
    return std::nullopt;
  const auto role = parts.size() == 3 ? role_of(parts[2]) : std::optional(Role::administrator);
  if (!role) return std::nullopt;
  ApiKey key;
  key.name = "from_bootstrap_file_" + std::string(parts[0]);
  key.api_key = parts[0];
  key.description = "from the bootstrap file";
  key.role = *role;
  key.salt = random_text(kSaltCharacters);
  key.secret_hash = sha256_text(key.salt + std::string(parts[1]));
  return key;
}

}  // namespace

std::span<const std::string_view> api_scopes() {
  return kScopes;
}

base::Result<bool, std::string> ApiKeyStore::load() {
  std::error_code error;
  if (!std::filesystem::exists(file_, error) && !error) return true;
  const auto text = package::read_whole(file_, kKeyFileBytesMax);
  if (!text) return base::fail(text.error());
  const auto document = package::parse_json(*text, "the file of API keys", {kKeyFileBytesMax, 8});
  if (!document) return base::fail(file_.string() + ": " + document.error().text);
  if (!document->is_object() || !document->contains("api_keys") || !(*document)["api_keys"].is_array())
    return base::fail(file_.string() + ": is not a file of API keys");
  Keys keys;
  for (const Json& one : (*document)["api_keys"]) {
    auto key = key_of(one);
    if (!key) return base::fail(file_.string() + ": has a key that is not one");
    std::string name = key->name;
    keys[std::move(name)] = std::move(*key);
  }
  const std::lock_guard lock(mutex_);
  keys_ = std::move(keys);
  return true;
}

base::Result<size_t, std::string> ApiKeyStore::take_bootstrap(const std::filesystem::path& file) {
  const auto text = package::read_whole(file, kKeyFileBytesMax);
  if (!text) return base::fail(text.error());
  size_t taken = 0;
  size_t number = 0;
  for (std::string_view line : split(*text, '\n')) {
    ++number;
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    if (line.empty() || line.front() == '#') continue;
    auto key = bootstrap_key(line);
    if (!key) {
      return base::fail(file.string() + ", line " + std::to_string(number) +
                        ": expected key:secret or key:secret:role, the secret of 8 characters at least");
    }
    const Change change = insert(std::move(*key));
    if (change == Change::too_many) return base::fail(file.string() + ": more than 100 API keys");
    if (change == Change::not_kept) return base::fail(file.string() + ": its keys cannot be kept");
    taken += change == Change::done ? 1 : 0;
  }
  return taken;
}

ApiKeyStore::Change ApiKeyStore::keep(Keys changed) {
  Json list = Json::array();
  for (const auto& [name, key] : changed) list.push_back(to_json(key));
  const Json document = {{"version", 1}, {"api_keys", std::move(list)}};
  const auto written = package::write_durably(file_, document.dump(2));
  if (!written) {
    base::log(base::LogArea::admin, base::LogLevel::error, "API keys are not kept", {{"error", written.error()}});
    return Change::not_kept;
  }
  const std::lock_guard lock(mutex_);
  keys_ = std::move(changed);
  return Change::done;
}

ApiKeyStore::Change ApiKeyStore::insert(ApiKey key) {
  key.created_unix_ms = clock_.unix_ms();
  const std::lock_guard change(change_mutex_);
  if (keys_.contains(key.name)) return Change::exists;
  if (keys_.size() >= kKeysMax) return Change::too_many;
  Keys changed = keys_;
  std::string name = key.name;
  changed[std::move(name)] = std::move(key);
  return keep(std::move(changed));
}

std::vector<ApiKey> ApiKeyStore::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ApiKey> keys;
  for (const auto& [name, key] : keys_) keys.push_back(key);
  return keys;
}

std::optional<ApiKey> ApiKeyStore::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = keys_.find(name);
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

ApiKeyStore::Change ApiKeyStore::add(ApiKey& key, std::string& secret) {
  secret = random_text(kSecretCharacters);
  key.api_key = random_text(kKeyCharacters);
  key.salt = random_text(kSaltCharacters);
  key.secret_hash = sha256_text(key.salt + secret);
  key.created_unix_ms = clock_.unix_ms();
  return insert(key);
}

ApiKeyStore::Change ApiKeyStore::update(const ApiKey& key) {
  const std::lock_guard change(change_mutex_);
  Keys changed = keys_;
  const auto found = changed.find(key.name);
  if (found == changed.end()) return Change::unknown;
  found->second.description = key.description;
  found->second.enable = key.enable;
  found->second.role = key.role;
  found->second.scopes = key.scopes;
  found->second.expires_unix_ms = key.expires_unix_ms;
  return keep(std::move(changed));
}

ApiKeyStore::Change ApiKeyStore::remove(std::string_view name) {
  const std::lock_guard change(change_mutex_);
  Keys changed = keys_;
  const auto found = changed.find(name);
  if (found == changed.end()) return Change::unknown;
  changed.erase(found);
  return keep(std::move(changed));
}

std::optional<ApiKey> ApiKeyStore::check(std::string_view api_key, std::string_view secret) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [api_key](const auto& entry) { return entry.second.api_key == api_key; });
  const bool exists = found != keys_.end();
  const std::string given = sha256_text((exists ? found->second.salt : "") + std::string(secret));
  // Of a key that is not there nothing fits, and it takes as long.
  const bool fits = equal_secrets(given, exists ? found->second.secret_hash : std::string(given.size(), '-'));
  if (!fits || !exists || !found->second.enable || found->second.expired(clock_.unix_ms())) return std::nullopt;
  return found->second;
}

}  // namespace patchbay::admin
