#include "user_store.h"

#include <utility>

#include "user_file.h"

namespace patchbay::auth_file {

std::string UserStore::load(const std::string& path, bool may_be_missing) {
  const std::lock_guard lock(mutex_);
  const std::string path_before = std::exchange(path_, path);
  std::string problem = load_locked(may_be_missing);
  if (!problem.empty() && users_.held() != nullptr) path_ = path_before;
  return problem;
}

bool UserStore::load_changed(std::string& problem) {
  const std::lock_guard lock(mutex_);
  if (support::file_stamp(path_) == stamp_) return false;
  problem = load_locked(false);
  return true;
}

std::string UserStore::load_locked(bool may_be_missing) {
  stamp_ = support::file_stamp(path_);
  in_force_ = false;
  std::optional<std::string> text;
  std::string problem;
  if (stamp_ || !may_be_missing) {
    text = support::read_whole_file(path_, kMaximumFileBytes, problem);
  } else {
    text.emplace();
  }
  if (!text) return problem;
  auto table = parse_user_file(*text, problem);
  if (!table) return path_ + ", " + problem;
  publish(std::move(*table));
  in_force_ = true;
  return {};
}

UserStore::Outcome UserStore::change(const std::function<std::string(UserTable&)>& edit, std::string& problem) {
  const std::lock_guard lock(mutex_);
  // Somebody may have put a new file there since the last look, or a wrong one: it must not be written over.
  if (!in_force_ || support::file_stamp(path_) != stamp_) {
    problem = load_locked(false);
    if (!problem.empty()) return Outcome::failed;
  }
  UserTable next = *users_.held();
  problem = edit(next);
  if (!problem.empty()) return Outcome::refused;
  if (!support::write_whole_file(path_, user_file_text(next), problem)) return Outcome::failed;
  stamp_ = support::file_stamp(path_);
  publish(std::move(next));
  return Outcome::saved;
}

void UserStore::publish(UserTable table) {
  table.choose_decoys();
  users_.replace(std::make_shared<const UserTable>(std::move(table)), workers_, host_.shard_count());
}

}  // namespace patchbay::auth_file
