#include "target_metrics.h"

namespace patchbay::webhook {

TargetMetrics::TargetMetrics(patchbay::host host, const std::string& target)
    : host_(host),
      target_(target),
      alarms_(host),
      sent_(host, "sent", "Events that have arrived.", {{"target", target}}),
      failed_(host, "failed", "Requests that failed or were answered with an error.", {{"target", target}}),
      retried_(host, "retried", "Requests that were sent again.", {{"target", target}}),
      lag_s_(host, "lag_seconds", "Age of the oldest event that has not arrived.", {{"target", target}}),
      spool_bytes_(host, "spool_bytes", "Bytes of the spool's files.", {{"target", target}}),
      buffer_bytes_(host, "buffer_bytes", "Bytes of events in memory.", {{"target", target}}),
      buffered_events_(host, "buffered_events", "Events in memory.", {{"target", target}}),
      up_(host, "up", "1: the target answers; 0: it is left alone for a while.", {{"target", target}}) {
  for (size_t i = 0; i < kDropReasons; ++i) {
    const std::string_view reason = drop_reason_name(static_cast<DropReason>(i));
    dropped_[i] = patchbay::counter(host, "dropped", "Events that are given up, by reason.",
                                    {{"target", target}, {"reason", reason}});
  }
  up_.set(1);
}

void TargetMetrics::down(const std::string& why) {
  host_.log_warning("target ", target_, " is down: ", why);
  alarms_.raise("target_down." + target_, "webhook target " + target_ + " is down: " + why);
}

void TargetMetrics::up() {
  host_.log_info("target ", target_, " is up again");
  alarms_.clear("target_down." + target_);
}

void TargetMetrics::dropped(DropReason reason, uint64_t events) {
  dropped_[static_cast<size_t>(reason)].add(events);
}

void TargetMetrics::show(const TargetLevels& levels) const {
  lag_s_.set(static_cast<int64_t>(levels.lag_s));
  spool_bytes_.set(static_cast<int64_t>(levels.spool_bytes));
  buffer_bytes_.set(static_cast<int64_t>(levels.buffer_bytes));
  buffered_events_.set(static_cast<int64_t>(levels.buffered_events));
  up_.set(levels.up ? 1 : 0);
}

}  // namespace patchbay::webhook
