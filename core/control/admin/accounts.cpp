#include "admin/accounts.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "admin/error_codes.h"
#include "admin/secrets.h"
#include "base/log.h"
#include "package/durable_file.h"

namespace patchbay::admin {

namespace {

constexpr uint32_t kPasswordsWaitingMax = 8;
constexpr size_t kInitialPasswordCharacters = 22;  // 132 bits
constexpr size_t kLocalTokenCharacters = 43;
constexpr std::string_view kChallenge = "Basic Realm=\"patchbay\"";

std::filesystem::path admin_dir(const AccountOptions& options) {
  return options.data_dir / "admin";
}

std::filesystem::path initial_file(const AccountOptions& options) {
  return options.data_dir / "initial-admin";
}

ApiResponse too_busy() {
  ApiResponse response = ApiResponse::error(503, code::kServiceUnavailable, "too many passwords are being checked");
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

ApiResponse unauthorized(std::string_view code, std::string_view message) {
  ApiResponse response = ApiResponse::error(401, code, message);
  response.headers.emplace_back("WWW-Authenticate", kChallenge);
  return response;
}

ApiResponse too_many(uint64_t retry_after_ms, std::string_view message) {
  ApiResponse response = ApiResponse::error(429, code::kTooManyRequests, message);
  response.headers.emplace_back("Retry-After", std::to_string((retry_after_ms + 999) / 1000));
  return response;
}

Accounts::Accounts(AccountOptions options, const base::Clock& clock)
    : options_(std::move(options)),
      users_(admin_dir(options_) / "users.json"),
      api_keys_(admin_dir(options_) / "api-keys.json", clock),
      tokens_(clock, options_.token_lifetime_ms),
      guard_(clock, options_.login_limits) {}

base::Result<std::string, std::string> Accounts::open() {
  std::error_code error;
  std::filesystem::create_directories(admin_dir(options_), error);
  if (error) return base::fail(admin_dir(options_).string() + ": " + error.message());
  std::filesystem::permissions(admin_dir(options_), std::filesystem::perms::owner_all, error);
  if (auto loaded = users_.load(); !loaded) return base::fail(loaded.error());
  if (auto loaded = api_keys_.load(); !loaded) return base::fail(loaded.error());
  if (!options_.bootstrap_file.empty()) {
    const auto taken = api_keys_.take_bootstrap(options_.bootstrap_file);
    if (!taken) return base::fail("api.bootstrap_file: " + taken.error());
  }
  local_token_ = random_text(kLocalTokenCharacters);
  nobodys_hash_ = hash_password(random_text(kInitialPasswordCharacters));
  return make_first_administrator();
}

base::Result<std::string, std::string> Accounts::make_first_administrator() {
  if (!users_.list().empty()) return std::string();
  const bool given = !options_.admin_password.empty();
  std::string password = given ? options_.admin_password : random_text(kInitialPasswordCharacters);
  if (given && !password_problem(password).empty())
    return base::fail("api.admin_password: " + password_problem(password));
  const auto change =
      users_.add({kDefaultAdmin, "the first administrator", Role::administrator, hash_password(password), !given});
  if (change != UserStore::Change::done) return base::fail(std::string("the first administrator cannot be kept"));
  if (given) return std::string();
  const auto written = package::write_durably(initial_file(options_), password + "\n");
  if (!written) return base::fail(written.error());
  return password;
}

base::Result<bool, std::string> Accounts::write_local_token(const std::string& url) {
  return package::write_durably(options_.data_dir / "ctl-token", url + "\n" + local_token_ + "\n");
}

base::Result<Caller, ApiResponse> Accounts::authenticate(std::string_view authorization,
                                                         std::string_view peer_address) {
  const auto with_scheme = [authorization](std::string_view scheme) {
    if (authorization.size() <= scheme.size() || authorization[scheme.size()] != ' ') return false;
    for (size_t index = 0; index < scheme.size(); ++index) {
      if ((authorization[index] | 0x20) != (scheme[index] | 0x20)) return false;
    }
    return true;
  };
  if (with_scheme("Bearer")) return by_token(authorization.substr(7));
  if (with_scheme("Basic")) return by_api_key(base64_decode(authorization.substr(6)), peer_address);
  return base::fail(unauthorized(code::kAuthorizationHeaderError,
                                 "log in and send \"Authorization: Bearer <token>\", or send an API key with Basic"));
}

base::Result<Caller, ApiResponse> Accounts::by_token(std::string_view token) const {
  if (!local_token_.empty() && equal_secrets(token, local_token_))
    return Caller{Caller::By::local, "ctl", Role::administrator, {}};
  std::string username;
  const TokenStore::Found found = tokens_.use(token, username);
  if (found == TokenStore::Found::expired)
    return base::fail(unauthorized(code::kTokenTimeOut, "the token has expired, log in again"));
  const auto user = found == TokenStore::Found::valid ? users_.find(username) : std::nullopt;
  if (!user) return base::fail(unauthorized(code::kBadToken, "the token is not known, log in again"));
  return Caller{Caller::By::token, user->username, user->role, {}};
}

base::Result<Caller, ApiResponse> Accounts::by_api_key(std::string_view credentials, std::string_view peer_address) {
  const size_t colon = credentials.find(':');
  const std::string_view key = credentials.substr(0, colon);
  if (colon == std::string_view::npos || key.empty())
    return base::fail(unauthorized(code::kBadApiKeyOrSecret, "expected api_key:api_secret in base64"));
  const std::string guarded = "api key " + std::string(key);
  const uint64_t locked_ms = guard_.locked_for_ms(guarded, peer_address);
  if (locked_ms > 0) return base::fail(too_many(locked_ms, "too many wrong secrets, try again later"));
  auto found = api_keys_.check(key, credentials.substr(colon + 1));
  if (!found) {
    guard_.failed(guarded, peer_address);
    return base::fail(unauthorized(code::kBadApiKeyOrSecret, "the API key or its secret is wrong, off or expired"));
  }
  return Caller{Caller::By::api_key, std::move(found->name), found->role, std::move(found->scopes)};
}

bool Accounts::must_change_password(const Caller& caller) const {
  if (caller.by != Caller::By::token) return false;
  const auto user = users_.find(caller.name);
  return !user || user->must_change;
}

std::optional<ApiResponse> Accounts::check_password(std::string_view username, std::string_view password,
                                                    std::string_view peer_address) {
  const uint64_t locked_ms = guard_.locked_for_ms(username, peer_address);
  if (locked_ms > 0) return too_many(locked_ms, "too many wrong passwords, try again later");
  const auto user = users_.find(username);
  bool matches = false;
  {
    if (passwords_waiting_.fetch_add(1) >= kPasswordsWaitingMax) {
      passwords_waiting_.fetch_sub(1);
      return too_busy();
    }
    const std::lock_guard lock(password_mutex_);
    matches = password_matches(user ? user->password_hash : nobodys_hash_, password);
    passwords_waiting_.fetch_sub(1);
  }
  if (user && matches) {
    guard_.succeeded(username, peer_address);
    return std::nullopt;
  }
  guard_.failed(username, peer_address);
  return unauthorized(code::kBadUsernameOrPwd, "the user name or the password is wrong");
}

base::Result<std::string, ApiResponse> Accounts::log_in(std::string_view username, std::string_view password,
                                                        std::string_view peer_address) {
  if (auto refused = check_password(username, password, peer_address)) return base::fail(std::move(*refused));
  return tokens_.issue(username);
}

std::optional<std::string> Accounts::hash(std::string_view password) {
  if (passwords_waiting_.fetch_add(1) >= kPasswordsWaitingMax) {
    passwords_waiting_.fetch_sub(1);
    return std::nullopt;
  }
  const std::lock_guard lock(password_mutex_);
  std::string encoded = hash_password(password);
  passwords_waiting_.fetch_sub(1);
  return encoded;
}

std::optional<ApiResponse> Accounts::change_password(std::string_view username, std::string_view old_password,
                                                     std::string_view new_password, std::string_view peer_address) {
  if (auto refused = check_password(username, old_password, peer_address)) return refused;
  if (old_password == new_password)
    return ApiResponse::error(400, code::kBadRequest, "new_pwd: the new password is the old one");
  return reset_password(username, new_password);
}

std::optional<ApiResponse> Accounts::reset_password(std::string_view username, std::string_view new_password) {
  const std::string problem = password_problem(new_password);
  if (!problem.empty()) return ApiResponse::error(400, code::kBadRequest, "new_pwd: " + problem);
  auto encoded = hash(new_password);
  if (!encoded) return too_busy();
  const auto change = users_.set_password(username, std::move(*encoded));
  if (change == UserStore::Change::unknown)
    return ApiResponse::error(404, code::kUserNotFound, "there is no user of that name");
  if (change != UserStore::Change::done)
    return ApiResponse::error(500, code::kInternalError, "the new password cannot be kept");
  tokens_.revoke_all(username);
  if (username == kDefaultAdmin) ::unlink(initial_file(options_).c_str());
  return std::nullopt;
}

}  // namespace patchbay::admin
