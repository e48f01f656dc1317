#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "admin/api_key_store.h"
#include "admin/api_request.h"
#include "admin/api_response.h"
#include "admin/login_guard.h"
#include "admin/token_store.h"
#include "admin/user_store.h"
#include "base/clock.h"
#include "base/result.h"

namespace patchbay::admin {

struct AccountOptions {
  std::filesystem::path data_dir;
  std::string admin_password;  ///< of the first administrator; "": a random one
  std::string bootstrap_file;  ///< of API keys; "": none
  uint64_t token_lifetime_ms = 60 * 60'000;
  LoginLimits login_limits;
};

/// Who may use the REST server: users, their tokens, API keys, and the token file for the command line of this machine.
/// [any-thread]
class Accounts {
 public:
  /// `clock` must outlive this.
  Accounts(AccountOptions options, const base::Clock& clock);

  /// Reads what is kept, and makes the first administrator where there is none. Returns the first administrator's
  /// random password where one was made just now; the error is a sentence. [control]
  [[nodiscard]] base::Result<std::string, std::string> open();
  /// Writes the file that lets `patchbay ctl` in when the broker's own user runs it: `url` in its first line, in the
  /// second a token that holds until the node stops. The error is a sentence. [control]
  [[nodiscard]] base::Result<bool, std::string> write_local_token(const std::string& url);

  /// Who sends a header Authorization; the error is the answer.
  [[nodiscard]] base::Result<Caller, ApiResponse> authenticate(std::string_view authorization,
                                                               std::string_view peer_address);
  /// Whether this user must set another password before anything else.
  [[nodiscard]] bool must_change_password(const Caller& caller) const;

  /// A token for a user; the error is the answer.
  [[nodiscard]] base::Result<std::string, ApiResponse> log_in(std::string_view username, std::string_view password,
                                                              std::string_view peer_address);
  /// Sets a new password when the old one is right, and ends the user's tokens. Nothing: done.
  [[nodiscard]] std::optional<ApiResponse> change_password(std::string_view username, std::string_view old_password,
                                                           std::string_view new_password,
                                                           std::string_view peer_address);
  /// Sets a new password without the old one: for who works on this machine.
  [[nodiscard]] std::optional<ApiResponse> reset_password(std::string_view username, std::string_view new_password);
  /// Hashes at most a few passwords at once; nothing: too many are waiting.
  [[nodiscard]] std::optional<std::string> hash(std::string_view password);

  [[nodiscard]] UserStore& users() { return users_; }
  [[nodiscard]] ApiKeyStore& api_keys() { return api_keys_; }
  [[nodiscard]] TokenStore& tokens() { return tokens_; }

 private:
  [[nodiscard]] base::Result<std::string, std::string> make_first_administrator();
  [[nodiscard]] base::Result<Caller, ApiResponse> by_token(std::string_view token) const;
  [[nodiscard]] base::Result<Caller, ApiResponse> by_api_key(std::string_view credentials,
                                                             std::string_view peer_address);
  /// Whether the password is the user's; the error is the answer: locked out, wrong, too busy.
  [[nodiscard]] std::optional<ApiResponse> check_password(std::string_view username, std::string_view password,
                                                          std::string_view peer_address);

  const AccountOptions options_;
  UserStore users_;
  ApiKeyStore api_keys_;
  mutable TokenStore tokens_;
  LoginGuard guard_;
  std::string local_token_;
  std::string nobodys_hash_;  ///< what the passwords of unknown users are compared with, so that they take as long
  /// A password takes tens of milliseconds of a core: they are computed one at a time, and only so many wait.
  std::mutex password_mutex_;
  std::atomic<uint32_t> passwords_waiting_{0};
};

/// 401 or 429 with their headers. [any-thread]
[[nodiscard]] ApiResponse unauthorized(std::string_view code, std::string_view message);
[[nodiscard]] ApiResponse too_many(uint64_t retry_after_ms, std::string_view message);

}  // namespace patchbay::admin
