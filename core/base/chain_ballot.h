#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/verdict.h"

namespace patchbay::base {

/// What one run has heard where the first answer does not end the phase, and from entries that only watch. Made at the
/// first such answer, so that a run of the usual kind costs nothing for it. [shard]
class ChainBallot {
 public:
  explicit ChainBallot(Combine combine) : combine_(combine) {}
  ChainBallot(const ChainBallot&) = delete;
  ChainBallot& operator=(const ChainBallot&) = delete;
  ~ChainBallot() { dispose(allow_); }

  /// Keeps an allow until everybody was asked; the first one's argument counts.
  void allow(Verdict& verdict, std::string_view name) {
    if (allow_.kind == VerdictKind::allow) return dispose(verdict);
    allow_ = std::exchange(verdict, Verdict{});
    allowed_by_ = name;
  }
  void abstain(std::string_view name) {
    if (abstained_by_.empty()) abstained_by_ = name;
  }
  void watch(std::shared_ptr<ShadowTally> tally, VerdictKind kind) { shadows_.emplace_back(std::move(tally), kind); }
  void decided(VerdictKind kind) { denied_ = kind == VerdictKind::deny || kind == VerdictKind::drop; }

  [[nodiscard]] Combine combine() const { return combine_; }
  /// The phase is over: what it comes to, once; proceed where nobody decided. `deny_reason` is the point's own.
  [[nodiscard]] Verdict close(uint8_t deny_reason, std::string& decided_by) {
    Verdict outcome = std::exchange(allow_, Verdict{});
    if (combine_ == Combine::unanimous && !abstained_by_.empty()) {
      dispose(outcome);
      outcome = Verdict::denies(deny_reason);
      allowed_by_ = abstained_by_;
    }
    decided_by = std::move(allowed_by_);
    abstained_by_.clear();
    return outcome;
  }
  /// The run is over: how the watchers' answers compare with what came out.
  void tally() const {
    for (const auto& [shadow, kind] : shadows_) {
      const bool no_opinion = kind == VerdictKind::proceed || kind == VerdictKind::defer;
      const bool would_deny = kind == VerdictKind::deny || kind == VerdictKind::drop;
      shadow->asked.fetch_add(1, std::memory_order_relaxed);
      if (would_deny) shadow->denied.fetch_add(1, std::memory_order_relaxed);
      if (!no_opinion && would_deny != denied_) {
        shadow->disagreed.fetch_add(1, std::memory_order_relaxed);
      }
    }
  }

 private:
  const Combine combine_;
  Verdict allow_;
  std::string allowed_by_;
  std::string abstained_by_;
  std::vector<std::pair<std::shared_ptr<ShadowTally>, VerdictKind>> shadows_;
  bool denied_ = false;
};

}  // namespace patchbay::base
