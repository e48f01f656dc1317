#include "user_routes.h"

#include <charconv>
#include <utility>

#include "user_json.h"

namespace patchbay::auth_file {

namespace {

constexpr size_t kMaximumPage = 1000;
// Each costs a slow hash, and a request is answered within five seconds.
constexpr size_t kMaximumImportedPasswords = 50;
constexpr std::string_view kExists = "exists";
constexpr std::string_view kMissing = "missing";

size_t number_or(std::string_view text, size_t otherwise) {
  size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() ? otherwise : value;
}

/// What became of a change where it wasn't made.
reply not_changed(UserStore::Outcome outcome, const std::string& problem) {
  if (outcome == UserStore::Outcome::failed) return refusal(500, "INTERNAL_ERROR", problem);
  if (problem == kExists) return refusal(409, "ALREADY_EXISTS", "there is a user of this name already");
  if (problem == kMissing) return refusal(404, "NOT_FOUND", "there is no user of this name");
  return refusal(400, "BAD_REQUEST", problem);
}

bool read_request(const request& asked, UserRequest& out, std::string& problem) {
  json::value body;
  return read_body(asked.body(), body, problem) && read_user_request(body, out, problem);
}

struct ImportCount {
  size_t total = 0;
  size_t success = 0;
  size_t overridden = 0;
  size_t skipped = 0;
  size_t failed = 0;
  std::string first_problem;

  [[nodiscard]] std::string json() const {
    std::string text = "{\"total\": " + std::to_string(total) + ", \"success\": " + std::to_string(success);
    text += ", \"override\": " + std::to_string(overridden) + ", \"skipped\": " + std::to_string(skipped);
    text += ", \"failed\": " + std::to_string(failed);
    if (!first_problem.empty()) text += ", \"first_problem\": " + json::quoted(first_problem);
    return text + "}";
  }
};

/// Users to import, with their hashes made: nothing slow is left to do while the file is locked.
std::vector<User> prepare_import(const json::array& list, const Settings& by, ImportCount& count) {
  std::vector<User> users;
  for (const json::value& each : list) {
    UserRequest wanted;
    std::string problem;
    User user;
    if (read_user_request(each, wanted, problem)) problem = set_password(wanted, by, user);
    if (problem.empty() && wanted.user_id.empty()) problem = "user_id: is needed";
    if (!problem.empty()) {
      if (count.first_problem.empty()) count.first_problem = "/users/" + std::to_string(count.total) + "/" + problem;
      ++count.failed;
    } else {
      user.user_id = wanted.user_id;
      user.is_superuser = wanted.is_superuser.value_or(false);
      users.push_back(std::move(user));
    }
    ++count.total;
  }
  return users;
}

size_t passwords_in(const json::array& list) {
  size_t count = 0;
  for (const json::value& each : list) count += each.find("password") != nullptr ? 1 : 0;
  return count;
}

void put_imported(UserTable& table, std::vector<User>& users, bool override_known, ImportCount& count) {
  for (User& user : users) {
    const bool known = table.find(user.user_id) != nullptr;
    if (known && !override_known) {
      ++count.skipped;
      continue;
    }
    ++(known ? count.overridden : count.success);
    table.put(std::move(user));
  }
}

}  // namespace

void UserRoutes::add_to(routes& to) {
  to.add("GET", "/users", [this](const request& asked) { return list(asked); });
  to.add("POST", "/users", [this](const request& asked) { return add(asked); });
  to.add("POST", "/users/import", [this](const request& asked) { return import(asked); });
  to.add("GET", "/users/{user_id}", [this](const request& asked) { return show(asked); });
  to.add("PUT", "/users/{user_id}", [this](const request& asked) { return change(asked); });
  to.add("DELETE", "/users/{user_id}", [this](const request& asked) { return remove(asked); });
  // For names with '/', which can't stand in a path: ?user_id=...
  to.add("PUT", "/users", [this](const request& asked) { return change(asked); });
  to.add("DELETE", "/users", [this](const request& asked) { return remove(asked); });
}

reply UserRoutes::list(const request& asked) const {
  const auto table = store_.held();
  if (table == nullptr) return refusal(503, "SERVICE_UNAVAILABLE", "the user file can't be read");
  const std::string_view part = asked.parameter("like_user_id");
  const size_t limit = std::max<size_t>(std::min(number_or(asked.parameter("limit"), 100), kMaximumPage), 1);
  const size_t page = std::max<size_t>(number_or(asked.parameter("page"), 1), 1);
  size_t count = 0;
  size_t shown = 0;
  std::string data;
  for (const auto& [user_id, user] : table->users()) {
    if (user_id.find(part) == std::string::npos) continue;
    if (count++ / limit != page - 1) continue;
    if (shown++ != 0) data += ", ";
    data += user_json(*user);
  }
  const bool more = (count + limit - 1) / limit > page;
  return reply::json("{\"data\": [" + data + "], \"meta\": {\"page\": " + std::to_string(page) +
                     ", \"limit\": " + std::to_string(limit) + ", \"count\": " + std::to_string(count) +
                     ", \"hasnext\": " + (more ? "true" : "false") + "}}");
}

reply UserRoutes::show(const request& asked) const {
  const auto table = store_.held();
  const User* user = table == nullptr ? nullptr : table->find(asked.parameter("user_id"));
  return user == nullptr ? not_changed(UserStore::Outcome::refused, std::string(kMissing))
                         : reply::json(user_json(*user));
}

reply UserRoutes::add(const request& asked) {
  UserRequest wanted;
  std::string problem;
  if (!read_request(asked, wanted, problem)) return refusal(400, "BAD_REQUEST", problem);
  if (wanted.user_id.empty()) return refusal(400, "BAD_REQUEST", "user_id: is needed");
  User user;
  user.user_id = wanted.user_id;
  user.is_superuser = wanted.is_superuser.value_or(false);
  problem = set_password(wanted, settings_(), user);
  if (!problem.empty()) return refusal(400, "BAD_REQUEST", problem);
  const std::string shown = user_json(user);
  const auto outcome = store_.change(
      [&](UserTable& table) {
        if (table.find(user.user_id) != nullptr) return std::string(kExists);
        table.put(std::move(user));
        return std::string();
      },
      problem);
  return outcome == UserStore::Outcome::saved ? reply::json(shown, 201) : not_changed(outcome, problem);
}

reply UserRoutes::change(const request& asked) {
  UserRequest wanted;
  std::string problem;
  const std::string user_id(asked.parameter("user_id"));
  if (!read_request(asked, wanted, problem)) return refusal(400, "BAD_REQUEST", problem);
  if (!wanted.user_id.empty() && wanted.user_id != user_id) {
    return refusal(400, "BAD_REQUEST", "user_id: is another than in the path");
  }
  User secrets;  // made before the file is locked
  const bool new_password = !wanted.password.empty() || !wanted.password_hash.empty();
  if (new_password) problem = set_password(wanted, settings_(), secrets);
  if (!problem.empty()) return refusal(400, "BAD_REQUEST", problem);
  std::string shown;
  const auto outcome = store_.change(
      [&](UserTable& table) {
        const User* known = table.find(user_id);
        if (known == nullptr) return std::string(kMissing);
        User next = new_password ? std::move(secrets) : *known;
        next.user_id = user_id;
        next.is_superuser = wanted.is_superuser.value_or(known->is_superuser);
        shown = user_json(next);
        table.put(std::move(next));
        return std::string();
      },
      problem);
  return outcome == UserStore::Outcome::saved ? reply::json(shown) : not_changed(outcome, problem);
}

reply UserRoutes::remove(const request& asked) {
  std::string problem;
  const auto outcome = store_.change(
      [&](UserTable& table) {
        return table.remove(asked.parameter("user_id")) ? std::string() : std::string(kMissing);
      },
      problem);
  return outcome == UserStore::Outcome::saved ? reply{204, "", ""} : not_changed(outcome, problem);
}

reply UserRoutes::import(const request& asked) {
  json::value body;
  std::string problem;
  if (!read_body(asked.body(), body, problem)) return refusal(400, "BAD_REQUEST", problem);
  const json::value* given = body.find("users");
  const auto* list = given == nullptr ? nullptr : given->as<json::array>();
  if (list == nullptr) return refusal(400, "BAD_REQUEST", "users: a list is needed");
  if (passwords_in(*list) > kMaximumImportedPasswords) {
    return refusal(400, "BAD_REQUEST",
                   "users: at most " + std::to_string(kMaximumImportedPasswords) +
                       " with a password in one request; those with a password_hash may be more");
  }
  const json::value* flag = body.find("override");
  const bool override_known = flag != nullptr && flag->as<bool>() != nullptr && *flag->as<bool>();
  ImportCount count;
  std::vector<User> users = prepare_import(*list, settings_(), count);
  const auto outcome = store_.change(
      [&](UserTable& table) {
        put_imported(table, users, override_known, count);
        return std::string();
      },
      problem);
  return outcome == UserStore::Outcome::saved ? reply::json(count.json()) : not_changed(outcome, problem);
}

}  // namespace patchbay::auth_file
