#include "user_file.h"

#include <openssl/rand.h>
#include <patchbay/json.hpp>

#include <algorithm>
#include <utility>

#include "support/base64.h"
#include "support/password_hash.h"

namespace patchbay::auth_file {

namespace {

/// What is wrong with a line; thrown by its reader and caught in parse_user_file().
struct Mistake {
  std::string what;
};

std::string new_secret() {
  std::string secret(kSecretBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secret.size())) != 1) {
    throw Mistake{"the system has no random bytes"};
  }
  return secret;
}

const std::string& text_member(const json::value& object, std::string_view name) {
  const json::value* found = object.find(name);
  const std::string* text = found == nullptr ? nullptr : found->as<std::string>();
  if (text == nullptr) throw Mistake{"\"" + std::string(name) + "\" is needed, a text"};
  return *text;
}

std::optional<ScramCredential> scram_member(const json::value& object, std::string_view name, ScramHash hash) {
  if (object.find(name) == nullptr) return std::nullopt;
  auto credential = ScramCredential::parse(hash, text_member(object, name));
  if (!credential) throw Mistake{"\"" + std::string(name) + "\" is not of the form of RFC 5803"};
  return credential;
}

void check_members(const json::value& object) {
  const auto* members = object.as<json::object>();
  if (members == nullptr) throw Mistake{"a JSON object is needed"};
  constexpr std::string_view known[] = {"user_id",      "password_hash", "is_superuser",
                                        "scram_sha256", "scram_sha512",  "secret"};
  for (const auto& [name, value] : *members) {
    if (std::find(std::begin(known), std::end(known), name) == std::end(known)) throw Mistake{"unknown: " + name};
  }
}

User read_user(const json::value& object) {
  User user;
  user.user_id = text_member(object, "user_id");
  user.password_hash = text_member(object, "password_hash");
  if (const json::value* flag = object.find("is_superuser")) {
    if (flag->as<bool>() == nullptr) throw Mistake{"\"is_superuser\" is true or false"};
    user.is_superuser = *flag->as<bool>();
  }
  user.scram_sha256 = scram_member(object, "scram_sha256", ScramHash::sha256);
  user.scram_sha512 = scram_member(object, "scram_sha512", ScramHash::sha512);
  return user;
}

User read_mosquitto_user(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) throw Mistake{"neither a JSON object nor name:hash"};
  User user;
  user.user_id = line.substr(0, colon);
  user.password_hash = line.substr(colon + 1);
  return user;
}

void add(UserTable& table, User user) {
  if (!is_valid_user_id(user.user_id)) throw Mistake{"not a name for a user"};
  // The hash is a secret of sorts: what is wrong with it is said without showing it.
  if (!support::is_encoded_password(user.password_hash)) throw Mistake{"the password hash has an unknown form"};
  if (table.find(user.user_id) != nullptr) throw Mistake{"the second of this name"};
  table.put(std::move(user));
}

void read_line(UserTable& table, std::string_view line) {
  if (line.front() != '{') return add(table, read_mosquitto_user(line));
  json::value object;
  try {
    object = json::reader(line).read();
  } catch (const error& wrong) {
    throw Mistake{wrong.what()};
  }
  check_members(object);
  if (object.find("secret") == nullptr) return add(table, read_user(object));
  auto secret = support::from_base64(text_member(object, "secret"));
  if (!secret || secret->size() != kSecretBytes) throw Mistake{"\"secret\" is 32 bytes in base64"};
  table.secret = std::move(*secret);
}

}  // namespace

bool is_valid_user_id(std::string_view user_id) {
  if (user_id.empty() || user_id.size() > kMaximumUserIdBytes) return false;
  return std::none_of(user_id.begin(), user_id.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::optional<UserTable> parse_user_file(std::string_view text, std::string& problem) {
  UserTable table;
  size_t number = 0;
  try {
    while (!text.empty()) {
      ++number;
      const size_t end = std::min(text.find('\n'), text.size());
      std::string_view line = text.substr(0, end);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (!line.empty() && line.front() != '#') read_line(table, line);
    }
    if (table.secret.empty()) table.secret = new_secret();
  } catch (const Mistake& mistake) {
    problem = "line " + std::to_string(number) + ": " + mistake.what;
    return std::nullopt;
  }
  return table;
}

std::string user_file_text(const UserTable& table) {
  std::string text = "# Users of Patchbay's auth-file, one a line. Change them over REST, or here in a new file.\n";
  text += "{\"secret\": \"" + support::base64(table.secret) + "\"}\n";
  for (const auto& [user_id, user] : table.users()) {
    text += "{\"user_id\": " + json::quoted(user_id) + ", \"password_hash\": " + json::quoted(user->password_hash);
    if (user->is_superuser) text += ", \"is_superuser\": true";
    if (user->scram_sha256) text += ", \"scram_sha256\": \"" + user->scram_sha256->text(ScramHash::sha256) + "\"";
    if (user->scram_sha512) text += ", \"scram_sha512\": \"" + user->scram_sha512->text(ScramHash::sha512) + "\"";
    text += "}\n";
  }
  return text;
}

}  // namespace patchbay::auth_file
