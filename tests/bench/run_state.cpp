#include "bench/run_state.h"

namespace patchbay::bench {

void ErrorLog::add(std::string_view who, std::string_view what) {
  count_.fetch_add(1);
  std::lock_guard lock(mutex_);
  if (texts_.size() >= kKept) return;
  std::string text(who);
  text.append(": ").append(what);
  texts_.push_back(std::move(text));
}

std::vector<std::string> ErrorLog::texts() const {
  std::lock_guard lock(mutex_);
  return texts_;
}

}  // namespace patchbay::bench
