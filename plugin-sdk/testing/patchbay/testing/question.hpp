// SPDX-License-Identifier: Apache-2.0
// What became of a hook call: the verdict, at once or later.
#pragma once

#include <atomic>

#include "patchbay/testing/answers.hpp"

namespace patchbay::testing {

/// One row of the hook table.
struct hook_row {
  std::uint32_t number;
  std::string_view name;
  std::string_view kinds;
  bool may_defer;
  std::uint32_t deadline_ms;
  std::uint32_t fallback;
};

inline constexpr std::uint32_t fallback_number(std::string_view name) {
  return name == "deny" ? PATCHBAY_FALLBACK_DENY : name == "allow" ? PATCHBAY_FALLBACK_ALLOW : PATCHBAY_FALLBACK_NEXT;
}

/// The whole table, in its order.
inline const std::vector<hook_row>& hook_table() {
  static const std::vector<hook_row> rows = {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  {number, name, kinds, (may_defer) != 0, deadline_ms, fallback_number(#fallback)},
#include "patchbay/hooks.def"
  };
  return rows;
}

inline const hook_row& hook_row_of(std::uint32_t number) {
  for (const auto& row : hook_table()) {
    if (row.number == number) return row;
  }
  static const hook_row none{0, "none", "", false, 0, 0};
  return none;
}

/// The state of a question; shared by its answer and the fake host.
struct question {
  std::uint32_t hook = 0;
  std::uint64_t token = 0;
  std::uint64_t due_ms = 0;
  std::uint32_t fallback_rule = 0;
  bool deferred = false;
  bool hold_ack = false;
  bool fell_back = false;  ///< out of time
  bool gone = false;       ///< the client went away first
  patchbay_verdict verdict{};
  std::optional<answer_argument> argument;
  /// By the plugin or by a fallback. Set last: a plugin may complete on another thread than the test's, which then
  /// reads what stands above.
  std::atomic<bool> decided{false};
};

/// What a hook call gives back. A deferred one fills in when the plugin completes it, or when its deadline passes: see
/// advance().
class answer {
 public:
  answer() : state_(std::make_shared<question>()) {}
  explicit answer(std::shared_ptr<question> state) : state_(std::move(state)) {}

  /// There is a verdict now.
  bool done() const { return state_->decided; }
  /// It came, or comes, later.
  bool deferred() const { return state_->deferred; }
  bool hold_ack() const { return state_->hold_ack; }
  /// Out of time: the verdict is the fallback's.
  bool fell_back() const { return state_->fell_back; }
  std::uint8_t kind() const { return state_->verdict.kind; }
  bool continued() const { return done() && kind() == PATCHBAY_CONTINUE; }
  bool allowed() const { return done() && kind() == PATCHBAY_ALLOW; }
  /// Also when the plugin has failed; see failed().
  bool denied() const { return done() && kind() == PATCHBAY_DENY; }
  bool failed() const { return denied() && (state_->verdict.flags & PATCHBAY_VERDICT_FAILED) != 0; }
  bool dropped() const { return done() && kind() == PATCHBAY_DROP; }
  bool replaced() const { return done() && kind() == PATCHBAY_REPLACE; }
  std::uint8_t reason() const { return state_->verdict.reason; }
  std::uint64_t number() const { return state_->verdict.arg; }
  const patchbay_verdict& verdict() const { return state_->verdict; }
  /// What the verdict carries; an empty one where it carries nothing.
  const answer_argument& argument() const {
    static const answer_argument none;
    return state_->argument ? *state_->argument : none;
  }
  const grant_fields& grant() const { return argument().grant; }
  /// The message that replaces the asked one; an empty one where there is none.
  const message_fields& message() const {
    static const message_fields none;
    return argument().messages.empty() ? none : argument().messages.front();
  }
  const std::shared_ptr<question>& state() const { return state_; }

 private:
  std::shared_ptr<question> state_;
};

}  // namespace patchbay::testing
