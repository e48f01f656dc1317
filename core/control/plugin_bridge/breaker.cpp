#include "plugin_bridge/breaker.h"

#include <algorithm>

namespace patchbay::plugin_bridge {

const char* breaker_state_name(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed:
      return "closed";
    case Breaker::State::open:
      return "open";
    case Breaker::State::half_open:
      return "half_open";
    case Breaker::State::quarantined:
      break;
  }
  return "quarantined";
}

void Breaker::add(uint64_t now_ms, uint64_t answers, uint64_t failures) {
  const uint64_t number = now_ms / (limits_.window_ms / kSlots);
  Slot& slot = window_[number % kSlots];
  if (slot.number != number) slot = {number, 0, 0};
  slot.answers += answers;
  slot.failures += failures;
}

bool Breaker::too_many(uint64_t now_ms) const {
  const uint64_t number = now_ms / (limits_.window_ms / kSlots);
  uint64_t answers = 0;
  uint64_t failures = 0;
  for (const Slot& slot : window_) {
    if (slot.number + kSlots <= number) continue;
    answers += slot.answers;
    failures += slot.failures;
  }
  return failures >= limits_.minimum_failures &&
         static_cast<double>(failures) >= limits_.failure_share * static_cast<double>(answers);
}

Breaker::Change Breaker::open(uint64_t now_ms) {
  pause_ms_ = pause_ms_ == 0 ? limits_.first_pause_ms : std::min(pause_ms_ * 2, limits_.maximum_pause_ms);
  open_until_ms_ = now_ms + pause_ms_;
  window_ = {};
  opened_at_ms_[openings_ % opened_at_ms_.size()] = now_ms;
  ++openings_;
  const auto recent = std::count_if(opened_at_ms_.begin(), opened_at_ms_.end(), [&](const auto& at_ms) {
    return at_ms.has_value() && now_ms - *at_ms < limits_.quarantine_window_ms;
  });
  if (limits_.quarantine_openings != 0 && recent >= static_cast<int64_t>(limits_.quarantine_openings)) {
    state_ = State::quarantined;
    return Change::quarantined;
  }
  state_ = State::open;
  return Change::opened;
}

Breaker::Change Breaker::probe_result(uint64_t now_ms, uint64_t answers, uint64_t failures) {
  if (failures != 0) return open(now_ms);
  good_probes_ += static_cast<uint32_t>(answers);
  if (good_probes_ < limits_.probes) return Change::none;
  state_ = State::closed;
  pause_ms_ = 0;
  window_ = {};
  return Change::closed;
}

Breaker::Change Breaker::tick(uint64_t now_ms, uint64_t answers, uint64_t failures) {
  switch (state_) {
    case State::closed:
      if (answers == 0 && failures == 0) return Change::none;
      add(now_ms, answers, failures);
      return too_many(now_ms) ? open(now_ms) : Change::none;
    case State::open:
      if (now_ms < open_until_ms_) return Change::none;
      state_ = State::half_open;
      good_probes_ = 0;
      return Change::half_opened;
    case State::half_open:
      return probe_result(now_ms, answers, failures);
    case State::quarantined:
      break;
  }
  return Change::none;
}

Breaker::Change Breaker::trip(uint64_t now_ms) {
  return state_ == State::open || state_ == State::quarantined ? Change::none : open(now_ms);
}

void Breaker::force_closed() {
  state_ = State::closed;
  pause_ms_ = 0;
  window_ = {};
  opened_at_ms_ = {};
}

Breaker::Change Breaker::force_open() {
  if (state_ == State::quarantined) return Change::none;
  state_ = State::quarantined;
  return Change::quarantined;
}

}  // namespace patchbay::plugin_bridge
