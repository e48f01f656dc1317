#include "user_table.h"

#include <utility>

namespace patchbay::auth_file {

namespace {
constexpr size_t kDecoys = 64;
}

const User* UserTable::find(std::string_view user_id) const {
  const auto found = users_.find(user_id);
  return found == users_.end() ? nullptr : found->second.get();
}

void UserTable::put(User user) {
  auto shared = std::make_shared<const User>(std::move(user));
  users_[shared->user_id] = shared;
}

bool UserTable::remove(std::string_view user_id) {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return false;
  users_.erase(found);
  return true;
}

void UserTable::choose_decoys() {
  decoys_.clear();
  const size_t step = users_.size() / kDecoys + 1;
  size_t number = 0;
  for (const auto& [user_id, user] : users_) {
    if (number++ % step == 0) decoys_.push_back(user->password_hash);
  }
}

const std::string& UserTable::decoy(std::string_view user_id) const {
  const std::string number = scram_hmac(ScramHash::sha256, secret, user_id);
  const size_t index = static_cast<unsigned char>(number[0]) * 256u + static_cast<unsigned char>(number[1]);
  return decoys_[index % decoys_.size()];
}

}  // namespace patchbay::auth_file
