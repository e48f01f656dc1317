#include "operations/node_watch.h"

#include "operations/system_usage.h"

namespace patchbay::operations {

namespace {

std::string usage_json(uint64_t used, uint64_t limit) {
  return R"({"usage":)" + std::to_string(used) + R"(,"high_watermark":)" + std::to_string(limit) + "}";
}

}  // namespace

void NodeWatch::tick() {
  const uint64_t now_ms = environment_.clock.steady_ms();
  if (last_look_ms_ != 0 && now_ms - last_look_ms_ < kIntervalMs) return;
  if (last_look_ms_ != 0) look();
  last_look_ms_ = now_ms;
  probes_.send();
}

void NodeWatch::look() {
  using base::Counter;
  const metrics::MetricsSnapshot snapshot = environment_.metrics.snapshot();
  watch_connections(snapshot.get(Counter::connections));
  watch_memory();
  watch_lag();
  if (environment_.log_lines_dropped)
    watch_counter("log_lines_dropped", environment_.log_lines_dropped(), lines_dropped_,
                  "The log's queue was full: {} lines were dropped in the last seconds.");
  watch_counter("mailbox_high_water", snapshot.get(Counter::reads_paused_mailbox), mailbox_pauses_,
                "A shard's mailbox was above node.mailbox_high_water: reading waited {} times in the last seconds.");
  watch_counter("session_queue_full", snapshot.get(Counter::messages_dropped_queue_full), queue_drops_,
                "Session queues were full: {} messages were dropped in the last seconds.");
  watch_counter("connections_refused", snapshot.get(Counter::connections_refused_limit), refused_for_limit_,
                "{} connections were closed at once in the last seconds, since a limit was reached.");
}

void NodeWatch::set(const char* name, bool active, const std::string& message, const std::string& details_json) {
  if (active) {
    environment_.alarms.raise(name, message, details_json);
  } else {
    environment_.alarms.clear(name);
  }
}

void NodeWatch::watch_connections(uint64_t connections) {
  const uint64_t limit = environment_.max_connections;
  if (limit == 0) return;
  const char* name = "too_many_connections";
  const uint64_t percent = environment_.alarms.is_active(name) ? kConnectionsLowPercent : kConnectionsHighPercent;
  set(name, connections * 100 >= limit * percent,
      std::to_string(connections) + " of at most " + std::to_string(limit) + " connections are open.",
      usage_json(connections, limit));
}

void NodeWatch::watch_memory() {
  const SystemMemory memory = SystemMemory::now();
  if (memory.total_bytes == 0) return;
  const char* name = "high_system_usage_usage";
  const uint64_t percent = environment_.alarms.is_active(name) ? kMemoryLowPercent : kMemoryHighPercent;
  const uint64_t used_percent = (memory.total_bytes - memory.available_bytes) * 100 / memory.total_bytes;
  set(name, used_percent >= percent, "System memory usage is higher than " + std::to_string(percent) + "%.",
      usage_json(used_percent, kMemoryHighPercent));
}

void NodeWatch::watch_lag() {
  const uint64_t lag_ms = probes_.longest_lag_ms();
  set("event_loop_lag", lag_ms >= kLagHighMs, "A shard takes " + std::to_string(lag_ms) + " ms to read its mail.",
      usage_json(lag_ms, kLagHighMs));
}

void NodeWatch::watch_counter(const char* name, uint64_t now, uint64_t& before, const char* what) {
  const uint64_t moved = now - before;
  before = now;
  std::string message = what;
  message.replace(message.find("{}"), 2, std::to_string(moved));
  set(name, moved != 0, message, R"({"count":)" + std::to_string(moved) + "}");
}

}  // namespace patchbay::operations
