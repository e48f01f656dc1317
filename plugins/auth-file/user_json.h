#pragma once

#include <patchbay/json.hpp>
#include <patchbay/routes.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "settings.h"
#include "user_table.h"

namespace patchbay::auth_file {

/// What a request says about a user; texts are empty where it says nothing.
struct UserRequest {
  std::string user_id;
  std::string password;
  std::string password_hash;
  std::optional<bool> is_superuser;
};

/// Reads a request's object. False, and `problem` names the member. [any-thread]
[[nodiscard]] bool read_user_request(const json::value& object, UserRequest& out, std::string& problem);
/// The body as one object; false as above.
[[nodiscard]] bool read_body(std::string_view body, json::value& out, std::string& problem);

/// Puts the password of the request into `user`: its hash, and credentials for SCRAM. Takes milliseconds. What is
/// wrong, or nothing. [worker]
[[nodiscard]] std::string set_password(const UserRequest& from, const Settings& by, User& user);

/// A user as REST shows it, without anything of the password. [any-thread]
[[nodiscard]] std::string user_json(const User& user);
/// {"code": ..., "message": ...}
[[nodiscard]] reply refusal(uint32_t http_status, std::string_view code, std::string_view message);

}  // namespace patchbay::auth_file
