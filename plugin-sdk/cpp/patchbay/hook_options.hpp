// SPDX-License-Identifier: Apache-2.0
// What a plugin may say about each of its hooks before it is registered: a member `void tune(patchbay::hook_options&
// o)` is called for each.
#pragma once

#include <chrono>
#include <vector>

#include "patchbay/base.hpp"

namespace patchbay {

/// Proposals; the operator's configuration has the last word. Only fields that differ from the table's need be set.
class hook_options {
 public:
  hook_options(std::uint32_t number, std::string_view name) : number_(number), name_(name) {}

  std::uint32_t number() const { return number_; }
  /// "publish.accept"
  std::string_view name() const { return name_; }

  /// Lower runs first.
  std::int32_t priority = 0;
  std::chrono::milliseconds deadline{0};
  std::uint32_t fallback = PATCHBAY_FALLBACK_DEFAULT;
  std::uint32_t flags = 0;
  /// Batches: the most events for a call, the longest wait for more, and what happens when the queue is full.
  std::uint32_t batch_max = 0;
  std::chrono::milliseconds batch_wait{0};
  std::uint32_t queue_max = 0;
  std::uint32_t overflow = PATCHBAY_OVERFLOW_DROP_OLDEST;
  /// What the hook wants to see; an empty list means everything.
  std::vector<std::string> topic_filters;
  std::vector<std::string> listener_ids;
  std::vector<std::string> protocol_names;

  /// An observer on the shard itself, for counters: two microseconds, no more.
  hook_options& on_shard() {
    flags |= PATCHBAY_HOOK_INLINE;
    return *this;
  }

  /// Registers `hook` with these options. [control]
  status add_to(const patchbay_host* host, patchbay_hook hook) const {
    const auto topics = raw_list(topic_filters);
    const auto listeners = raw_list(listener_ids);
    const auto protocols = raw_list(protocol_names);
    patchbay_filter filter{};
    filter.size = sizeof filter;
    filter.topic_filters = topics.data();
    filter.topic_filter_count = topics.size();
    filter.listener_ids = listeners.data();
    filter.listener_id_count = listeners.size();
    filter.protocol_names = protocols.data();
    filter.protocol_name_count = protocols.size();
    fill(hook);
    if (!topics.empty() || !listeners.empty() || !protocols.empty()) hook.filter = &filter;
    return host->add_hook(host, &hook);
  }

 private:
  static std::vector<patchbay_str> raw_list(const std::vector<std::string>& texts) {
    std::vector<patchbay_str> out;
    for (const auto& each : texts) out.push_back(raw_text(each));
    return out;
  }
  void fill(patchbay_hook& hook) const {
    hook.size = sizeof hook;
    hook.hook = number_;
    hook.priority = priority;
    hook.flags |= flags;
    hook.deadline_ms = static_cast<std::uint32_t>(deadline.count());
    hook.fallback = fallback;
    hook.overflow = overflow;
    hook.batch_max = batch_max;
    hook.batch_wait_ms = static_cast<std::uint32_t>(batch_wait.count());
    hook.queue_max = queue_max;
  }
  std::uint32_t number_;
  std::string_view name_;
};

}  // namespace patchbay
