#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "jwks_download.h"
#include "key_set.h"
#include "patchbay/settings.hpp"
#include "token_check.h"

namespace patchbay::auth_jwt {

/// The member "keys". What belongs to which `from` the manifest's schema knows, and refuses the rest.
struct KeySettings {
  std::string from;  ///< "secret", "short_secret", "pem", "file", "jwks"
  std::string secret;
  bool base64 = false;
  std::string pem;
  std::string path;
  JwksLocation jwks{.url = {}, .ca_file = {}, .headers = {}, .timeout = std::chrono::seconds(3)};
  std::chrono::milliseconds refresh_interval = std::chrono::minutes(5);
  std::chrono::milliseconds minimum_interval = std::chrono::seconds(10);

  bool operator==(const KeySettings&) const = default;
  [[nodiscard]] bool is_secret() const { return from == "secret" || from == "short_secret"; }
  /// They come again: there is a KeySource.
  [[nodiscard]] bool are_refreshed() const { return from == "file" || from == "jwks"; }

  template <typename Fields>
  void describe(Fields& f) {
    f.required("from", from);
    f.optional("secret", secret);
    f.optional("base64", base64);
    f.optional("pem", pem);
    f.optional("path", path);
    f.optional("url", jwks.url);
    f.optional("ca_file", jwks.ca_file);
    f.optional("headers", jwks.headers);
    f.optional("timeout", jwks.timeout);
    f.optional("max_bytes", jwks.max_bytes);
    f.optional("refresh_interval", refresh_interval);
    f.optional("minimum_interval", minimum_interval);
  }
};

struct Settings {
  std::string from = "password";    ///< or "username"
  std::string on_missing = "deny";  ///< or "ignore"
  std::vector<std::string> algorithms;
  KeySettings keys;
  std::chrono::milliseconds leeway = std::chrono::seconds(5);
  std::vector<std::string> required_claims;
  std::map<std::string, std::string> verify_claims;
  std::string acl_claim = "acl";
  std::string superuser_claim = "is_superuser";
  std::string attributes_claim = "client_attrs";
  std::string identity_claim;
  bool disconnect_at_expiry = true;
  bool evaluate_acl = false;
  std::string method = "JWT";  ///< of enhanced authentication; empty: none
  size_t max_token_bytes = 16'384;

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("from", from);
    f.optional("on_missing", on_missing);
    f.required("algorithms", algorithms);
    f.required("keys", keys);
    f.optional("leeway", leeway);
    f.optional("required_claims", required_claims);
    f.optional("verify_claims", verify_claims);
    f.optional("acl_claim", acl_claim);
    f.optional("superuser_claim", superuser_claim);
    f.optional("attributes_claim", attributes_claim);
    f.optional("identity_claim", identity_claim);
    f.optional("disconnect_at_expiry", disconnect_at_expiry);
    f.optional("evaluate_acl", evaluate_acl);
    f.optional("method", method);
    f.optional("max_token_bytes", max_token_bytes);
  }
};

/// Settings in the form that logins use. Constant once made.
struct PreparedSettings {
  Policy policy;
  std::shared_ptr<const KeySet> keys;  ///< null where they are refreshed
  bool token_is_username = false;
  bool ignores_missing = false;
  bool evaluates_acl = false;  ///< late rules are asked by the acl hooks; without, tokens that need them are refused
  std::string method;
};

/// Null where something is wrong; `errors` then names each field. Reads the key file, if there is one. [control]
[[nodiscard]] std::unique_ptr<PreparedSettings> prepare(const Settings& settings, patchbay::error_list& errors);

/// The text of a key file, as a KeySource fetches it; at most 1 MiB. [worker], [control]
[[nodiscard]] KeySource::Fetched read_key_file(const std::string& path);

}  // namespace patchbay::auth_jwt
