#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/api_request.h"
#include "base/result.h"

namespace patchbay::admin {

inline constexpr const char* kDefaultAdmin = "admin";

/// Somebody who may log in.
struct User {
  std::string username;
  std::string description;
  Role role = Role::viewer;
  std::string password_hash;  ///< argon2id, encoded
  bool must_change = false;   ///< the password only serves to set another one
};

/// "administrator", "viewer", "publisher". [any-thread]
[[nodiscard]] std::string_view role_name(Role role);
[[nodiscard]] std::optional<Role> role_of(std::string_view name);

/// The users of this node, kept in a file, whole and 0600, at each change. [any-thread]
class UserStore {
 public:
  static constexpr size_t kUsersMax = 1'000;
  enum class Change : uint8_t { done, exists, unknown, too_many, not_kept };

  explicit UserStore(std::filesystem::path file) : file_(std::move(file)) {}

  /// Reads the file; none: nobody. The error is a sentence: the file is damaged, and who would be let in is unknown.
  [[nodiscard]] base::Result<bool, std::string> load();

  [[nodiscard]] std::vector<User> list() const;
  [[nodiscard]] std::optional<User> find(std::string_view username) const;
  [[nodiscard]] Change add(User user);
  /// Role and description.
  [[nodiscard]] Change update(std::string_view username, Role role, std::string description);
  [[nodiscard]] Change set_password(std::string_view username, std::string password_hash);
  [[nodiscard]] Change remove(std::string_view username);

 private:
  using Users = std::map<std::string, User, std::less<>>;

  /// Keeps `changed` and puts it in force; not_kept: the disk said no, and nothing has changed.
  [[nodiscard]] Change keep(Users changed);

  const std::filesystem::path file_;
  std::mutex change_mutex_;   // one change at a time; held while the file is written, and before the other
  mutable std::mutex mutex_;  // guards what follows; held for moments, since every request is checked
  Users users_;
};

}  // namespace patchbay::admin
