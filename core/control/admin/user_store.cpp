#include "admin/user_store.h"

#include "admin/json.h"
#include "base/log.h"
#include "package/durable_file.h"
#include "package/json_text.h"

namespace patchbay::admin {

namespace {

constexpr size_t kUserFileBytesMax = 4u << 20;

struct RoleName {
  Role role;
  std::string_view name;
};
constexpr RoleName kRoles[] = {
    {Role::administrator, "administrator"}, {Role::viewer, "viewer"}, {Role::publisher, "publisher"}};

Json to_json(const User& user) {
  return {{"username", user.username},
          {"description", user.description},
          {"role", role_name(user.role)},
          {"password_hash", user.password_hash},
          {"must_change", user.must_change}};
}

std::optional<User> user_of(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  try {
    User user;
    user.username = json.at("username").get<std::string>();
    user.description = json.at("description").get<std::string>();
    user.password_hash = json.at("password_hash").get<std::string>();
    user.must_change = json.at("must_change").get<bool>();
    const auto role = role_of(json.at("role").get<std::string>());
    if (!role || user.username.empty() || user.password_hash.empty()) return std::nullopt;
    user.role = *role;
    return user;
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string_view role_name(Role role) {
  for (const RoleName& row : kRoles) {
    if (row.role == role) return row.name;
  }
  return "viewer";
}

std::optional<Role> role_of(std::string_view name) {
  for (const RoleName& row : kRoles) {
    if (row.name == name) return row.role;
  }
  return std::nullopt;
}

base::Result<bool, std::string> UserStore::load() {
  std::error_code error;
  if (!std::filesystem::exists(file_, error) && !error) return true;
  const auto text = package::read_whole(file_, kUserFileBytesMax);
  if (!text) return base::fail(text.error());
  const auto document = package::parse_json(*text, "the file of users", {kUserFileBytesMax, 8});
  if (!document) return base::fail(file_.string() + ": " + document.error().text);
  if (!document->is_object() || !document->contains("users") || !(*document)["users"].is_array())
    return base::fail(file_.string() + ": is not a file of users");
  Users users;
  for (const Json& one : (*document)["users"]) {
    auto user = user_of(one);
    if (!user) return base::fail(file_.string() + ": has a user that is not one");
    std::string name = user->username;
    users[std::move(name)] = std::move(*user);
  }
  const std::lock_guard lock(mutex_);
  users_ = std::move(users);
  return true;
}

UserStore::Change UserStore::keep(Users changed) {
  Json list = Json::array();
  for (const auto& [name, user] : changed) list.push_back(to_json(user));
  const Json document = {{"version", 1}, {"users", std::move(list)}};
  const auto written = package::write_durably(file_, document.dump(2));
  if (!written) {
    base::log(base::LogArea::admin, base::LogLevel::error, "users are not kept", {{"error", written.error()}});
    return Change::not_kept;
  }
  const std::lock_guard lock(mutex_);
  users_ = std::move(changed);
  return Change::done;
}

std::vector<User> UserStore::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<User> users;
  for (const auto& [name, user] : users_) users.push_back(user);
  return users;
}

std::optional<User> UserStore::find(std::string_view username) const {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(username);
  if (found == users_.end()) return std::nullopt;
  return found->second;
}

UserStore::Change UserStore::add(User user) {
  const std::lock_guard change(change_mutex_);
  if (users_.contains(user.username)) return Change::exists;
  if (users_.size() >= kUsersMax) return Change::too_many;
  Users changed = users_;
  std::string name = user.username;
  changed[std::move(name)] = std::move(user);
  return keep(std::move(changed));
}

UserStore::Change UserStore::update(std::string_view username, Role role, std::string description) {
  const std::lock_guard change(change_mutex_);
  Users changed = users_;
  const auto found = changed.find(username);
  if (found == changed.end()) return Change::unknown;
  found->second.role = role;
  found->second.description = std::move(description);
  return keep(std::move(changed));
}

UserStore::Change UserStore::set_password(std::string_view username, std::string password_hash) {
  const std::lock_guard change(change_mutex_);
  Users changed = users_;
  const auto found = changed.find(username);
  if (found == changed.end()) return Change::unknown;
  found->second.password_hash = std::move(password_hash);
  found->second.must_change = false;
  return keep(std::move(changed));
}

UserStore::Change UserStore::remove(std::string_view username) {
  const std::lock_guard change(change_mutex_);
  Users changed = users_;
  const auto found = changed.find(username);
  if (found == changed.end()) return Change::unknown;
  changed.erase(found);
  return keep(std::move(changed));
}

}  // namespace patchbay::admin
