#include "settings.h"

#include <fstream>

#include "support/base64.h"

namespace patchbay::auth_jwt {

namespace {

constexpr size_t kMaximumKeyFileBytes = 1'048'576;

std::string at(std::string_view list, size_t index) {
  return std::string(list).append("/").append(std::to_string(index));
}

void prepare_algorithms(const Settings& settings, Policy& into, patchbay::error_list& errors) {
  const bool secret = settings.keys.is_secret();
  for (size_t i = 0; i < settings.algorithms.size(); ++i) {
    const std::string& name = settings.algorithms[i];
    const auto algorithm = algorithm_named(name);
    if (!algorithm) {
      errors.add(at("/algorithms", i), "there is no algorithm " + name);
    } else if ((facts_of(*algorithm).key_type == KeyType::secret) != secret) {
      errors.add(at("/algorithms", i), name + (secret ? " needs public keys, not a secret"
                                                      : " needs a secret: with public keys anybody could sign"));
    } else {
      into.algorithms.add(*algorithm);
    }
  }
  if (settings.algorithms.empty()) errors.add("/algorithms", "must name at least one");
}

std::shared_ptr<const KeySet> secret_keys(const Settings& settings, patchbay::error_list& errors) {
  std::string secret = settings.keys.secret;
  if (settings.keys.base64) {
    auto decoded = support::from_base64(secret);
    if (!decoded) return errors.add("/keys/secret", "is no base64 text"), nullptr;
    secret = std::move(*decoded);
  }
  size_t needed = 1;
  for (const std::string& name : settings.algorithms) {
    const auto algorithm = algorithm_named(name);
    if (algorithm && settings.keys.from == "secret") needed = std::max(needed, facts_of(*algorithm).digest_bytes);
  }
  if (secret.size() < needed) {
    // RFC 7518, 3.2: "A key of the same size as the hash output or larger MUST be used".
    errors.add("/keys/secret", "has " + std::to_string(secret.size()) + " bytes and needs " + std::to_string(needed) +
                                   "; a shorter one can be guessed from one token");
    return nullptr;
  }
  auto keys = std::make_shared<KeySet>();
  keys->ignore_key_ids();
  keys->add(VerificationKey::from_secret(std::move(secret)));
  return keys;
}

std::shared_ptr<const KeySet> pem_keys(std::string_view text, std::string_view field, patchbay::error_list& errors) {
  ReadKeys read = read_pem(text);
  if (!read.keys) errors.add(field, read.problem);
  return std::move(read.keys);
}

/// Every algorithm needs a key that fits, or a mistake would be found only by the first login.
void check_fit(const Settings& settings, const KeySet& keys, patchbay::error_list& errors) {
  for (size_t i = 0; i < settings.algorithms.size(); ++i) {
    const auto algorithm = algorithm_named(settings.algorithms[i]);
    if (!algorithm) continue;
    const bool fits = std::any_of(keys.keys().begin(), keys.keys().end(),
                                  [&](const VerificationKey& key) { return key.fits(*algorithm); });
    if (!fits) errors.add(at("/algorithms", i), "none of the keys is one for " + settings.algorithms[i]);
  }
}

void check_jwks(const KeySettings& keys, patchbay::error_list& errors) {
  std::string problem;
  if (!is_https_url(keys.jwks.url, problem)) errors.add("/keys/url", problem);
  for (const auto& [name, value] : keys.jwks.headers) {
    const auto is_bad = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    const bool bad = name.empty() || name.find(':') != std::string::npos ||
                     std::any_of(name.begin(), name.end(), is_bad) || std::any_of(value.begin(), value.end(), is_bad);
    if (bad) errors.add("/keys/headers", "a name or value has a character that a header can't have");
  }
  if (!keys.jwks.ca_file.empty() && !std::ifstream(keys.jwks.ca_file)) errors.add("/keys/ca_file", "can't be read");
}

void prepare_keys(const Settings& settings, PreparedSettings& into, patchbay::error_list& errors) {
  const KeySettings& keys = settings.keys;
  if (keys.is_secret()) {
    into.keys = secret_keys(settings, errors);
  } else if (keys.from == "pem") {
    into.keys = pem_keys(keys.pem, "/keys/pem", errors);
    if (into.keys) check_fit(settings, *into.keys, errors);
  } else if (keys.from == "file") {
    const KeySource::Fetched file = read_key_file(keys.path);
    if (!file.good) return errors.add("/keys/path", file.text);
    if (const auto read = pem_keys(file.text, "/keys/path", errors)) check_fit(settings, *read, errors);
  } else if (keys.from == "jwks") {
    check_jwks(keys, errors);
  } else {
    errors.add("/keys/from", "must be secret, short_secret, pem, file or jwks");
  }
  if (!keys.are_refreshed()) return;
  if (keys.refresh_interval < std::chrono::seconds(1)) errors.add("/keys/refresh_interval", "must be 1s or more");
  if (keys.minimum_interval < std::chrono::seconds(1)) errors.add("/keys/minimum_interval", "must be 1s or more");
  const auto timeout = keys.jwks.timeout;
  if (timeout < std::chrono::milliseconds(100) || timeout > std::chrono::minutes(1))
    errors.add("/keys/timeout", "must be between 100ms and 1m");
}

void prepare_claims(const Settings& settings, Policy& into, patchbay::error_list& errors) {
  for (const auto& [name, expected] : settings.verify_claims) {
    std::string problem;
    auto parsed = ClaimTemplate::parse(expected, problem);
    if (!parsed || expected.empty()) {
      errors.add("/verify_claims/" + name, parsed ? "must not be empty" : problem);
    } else if (parsed->uses_username() && settings.from == "username") {
      errors.add("/verify_claims/" + name, "${username} is the token itself where from is \"username\"");
    } else {
      into.verify_claims.push_back({name, std::move(*parsed)});
    }
  }
}

}  // namespace

std::unique_ptr<PreparedSettings> prepare(const Settings& settings, patchbay::error_list& errors) {
  auto made = std::make_unique<PreparedSettings>();
  Policy& policy = made->policy;
  prepare_algorithms(settings, policy, errors);
  prepare_keys(settings, *made, errors);
  prepare_claims(settings, policy, errors);
  if (settings.from != "password" && settings.from != "username") errors.add("/from", "must be password or username");
  if (settings.on_missing != "deny" && settings.on_missing != "ignore")
    errors.add("/on_missing", "must be deny or ignore");
  if (settings.leeway < std::chrono::seconds(0) || settings.leeway > std::chrono::hours(1))
    errors.add("/leeway", "must be between 0s and 1h");
  if (!settings.disconnect_at_expiry && !settings.evaluate_acl && !settings.acl_claim.empty())
    errors.add("/disconnect_at_expiry", "false needs evaluate_acl: the core's own permissions would not end");
  policy.max_token_bytes = settings.max_token_bytes;
  policy.leeway_ms = settings.leeway.count();
  policy.required_claims = settings.required_claims;
  policy.acl_claim = settings.acl_claim;
  policy.superuser_claim = settings.superuser_claim;
  policy.attributes_claim = settings.attributes_claim;
  policy.identity_claim = settings.identity_claim;
  policy.disconnect_at_expiry = settings.disconnect_at_expiry;
  made->token_is_username = settings.from == "username";
  made->ignores_missing = settings.on_missing == "ignore";
  made->evaluates_acl = settings.evaluate_acl;
  made->method = settings.method;
  return errors.empty() ? std::move(made) : nullptr;
}

KeySource::Fetched read_key_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaximumKeyFileBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file && !file.eof()) return {false, path + " can't be read"};
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kMaximumKeyFileBytes) return {false, path + " is longer than 1 MiB"};
  return {true, std::move(text)};
}

}  // namespace patchbay::auth_jwt
