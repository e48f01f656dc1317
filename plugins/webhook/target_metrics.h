#pragma once

#include <array>
#include <string>

#include <patchbay/metrics.hpp>

#include "target.h"

namespace patchbay::webhook {

/// A target's metrics and its alarm.
class TargetMetrics final : public TargetObserver {
 public:
  /// [control], in start() or before
  TargetMetrics(patchbay::host host, const std::string& target);

  void sent(uint64_t events) override { sent_.add(events); }
  void request_failed() override { failed_.add(); }
  void request_retried() override { retried_.add(); }
  void down(const std::string& why) override;
  void up() override;
  void dropped(DropReason reason, uint64_t events) override;
  /// Sets the gauges. [any-thread]
  void show(const TargetLevels& levels) const;

 private:
  patchbay::host host_;
  std::string target_;
  patchbay::alarms alarms_;
  patchbay::counter sent_;
  patchbay::counter failed_;
  patchbay::counter retried_;
  std::array<patchbay::counter, kDropReasons> dropped_;
  patchbay::gauge lag_s_;
  patchbay::gauge spool_bytes_;
  patchbay::gauge buffer_bytes_;
  patchbay::gauge buffered_events_;
  patchbay::gauge up_;
};

}  // namespace patchbay::webhook
