#include "user_json.h"

#include "support/password_hash.h"
#include "user_file.h"

namespace patchbay::auth_file {

namespace {

bool read_text(const json::value& value, std::string_view name, std::string& out, std::string& problem) {
  const auto* text = value.as<std::string>();
  if (text == nullptr || text->empty()) {
    problem = std::string(name) + ": a text that is not empty is needed";
    return false;
  }
  out = *text;
  return true;
}

std::string_view algorithm_of(std::string_view hash) {
  if (hash.starts_with("$argon2id$")) return "argon2id";
  if (hash.starts_with("$2")) return "bcrypt";
  if (hash.starts_with("$6$")) return "sha512";
  return "pbkdf2";
}

std::string add_scram(std::string_view password, const Settings& by, User& user) {
  user.scram_sha256.reset();
  user.scram_sha512.reset();
  for (const std::string& mechanism : by.scram_mechanisms) {
    const auto hash = scram_hash_from(mechanism);
    if (!hash) continue;
    auto credential = make_scram_credential(*hash, password, by.scram_iterations);
    if (!credential) {
      return "password: it can't be prepared for SCRAM (RFC 4013): no control characters, no code points that Unicode "
             "hasn't assigned, one direction of writing; or leave SCRAM out by scram_mechanisms = []";
    }
    (*hash == ScramHash::sha256 ? user.scram_sha256 : user.scram_sha512) = std::move(credential);
  }
  return {};
}

}  // namespace

bool read_user_request(const json::value& object, UserRequest& out, std::string& problem) {
  const auto* members = object.as<json::object>();
  if (members == nullptr) {
    problem = "a JSON object is needed";
    return false;
  }
  for (const auto& [name, value] : *members) {
    if (name == "user_id") {
      if (!read_text(value, name, out.user_id, problem)) return false;
    } else if (name == "password") {
      if (!read_text(value, name, out.password, problem)) return false;
    } else if (name == "password_hash") {
      if (!read_text(value, name, out.password_hash, problem)) return false;
    } else if (name == "is_superuser" && value.as<bool>() != nullptr) {
      out.is_superuser = *value.as<bool>();
    } else {
      problem = name == "is_superuser" ? "is_superuser: true or false is needed" : name + ": there is no such member";
      return false;
    }
  }
  if (!out.password.empty() && !out.password_hash.empty()) problem = "password: not together with password_hash";
  if (!out.user_id.empty() && !is_valid_user_id(out.user_id)) problem = "user_id: not a name for a user";
  return problem.empty();
}

bool read_body(std::string_view body, json::value& out, std::string& problem) {
  try {
    out = json::reader(body).read();
    return true;
  } catch (const error& wrong) {
    problem = wrong.what();
    return false;
  }
}

std::string set_password(const UserRequest& from, const Settings& by, User& user) {
  if (!from.password_hash.empty()) {
    if (!support::is_encoded_password(from.password_hash)) return "password_hash: its form is unknown";
    user.password_hash = from.password_hash;
    user.scram_sha256.reset();
    user.scram_sha512.reset();
    return {};
  }
  if (from.password.empty()) return "password: is needed";
  auto hash = support::hash_password(by.password_hash.cost(), from.password);
  if (!hash) return "password: it can't be hashed as a whole with " + by.password_hash.algorithm;
  user.password_hash = std::move(*hash);
  return add_scram(from.password, by, user);
}

std::string user_json(const User& user) {
  std::string text = "{\"user_id\": " + json::quoted(user.user_id);
  text += user.is_superuser ? ", \"is_superuser\": true" : ", \"is_superuser\": false";
  text += ", \"password_hash_algorithm\": \"" + std::string(algorithm_of(user.password_hash)) + "\"";
  text += ", \"scram_mechanisms\": [";
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    if (!user.scram(hash)) continue;
    if (!text.ends_with('[')) text += ", ";
    text += "\"" + std::string(scram_mechanism(hash)) + "\"";
  }
  return text + "]}";
}

reply refusal(uint32_t http_status, std::string_view code, std::string_view message) {
  return reply::json("{\"code\": " + json::quoted(code) + ", \"message\": " + json::quoted(message) + "}", http_status);
}

}  // namespace patchbay::auth_file
