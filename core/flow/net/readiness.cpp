#include "net/readiness.h"

#include "base/assert.h"

namespace patchbay::net {

namespace {
thread_local Readiness* current_readiness = nullptr;
}

Readiness& Readiness::current() {
  PATCHBAY_ASSERT(current_readiness != nullptr);
  return *current_readiness;
}

Readiness::Scope::Scope(Readiness& readiness) : before_(current_readiness) {
  current_readiness = &readiness;
}

Readiness::Scope::~Scope() {
  current_readiness = before_;
}

void Readiness::request_turn(ReadinessEntry& entry) {
  if (entry.turn_place_ != 0) return;
  turns_.push_back(&entry);
  PATCHBAY_ASSERT(turns_.size() < size_t{1} << 27);
  entry.turn_place_ = static_cast<uint32_t>(turns_.size()) & ((uint32_t{1} << 27) - 1);
}

void Readiness::forget_turn(ReadinessEntry& entry) {
  if (entry.turn_place_ == 0) return;
  const size_t place = entry.turn_place_ - 1;
  // The entry is in the list being run or in the next one; a place may exist in both, the pointer tells.
  if (place < turns_.size() && turns_[place] == &entry) turns_[place] = nullptr;
  if (place < turns_now_.size() && turns_now_[place] == &entry) turns_now_[place] = nullptr;
  entry.turn_place_ = 0;
}

void Readiness::run_turns() {
  if (turns_.empty()) return;
  turns_now_.swap(turns_);
  for (size_t at = 0; at < turns_now_.size(); ++at) {
    ReadinessEntry* entry = turns_now_[at];
    if (entry == nullptr) continue;
    entry->turn_place_ = 0;
    turns_now_[at] = nullptr;
    entry->on_turn();
  }
  turns_now_.clear();
}

}  // namespace patchbay::net
