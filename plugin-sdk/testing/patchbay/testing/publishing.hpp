// SPDX-License-Identifier: Apache-2.0
// Publishing, subscriptions and retained messages of the fake host.
#pragma once

#include "patchbay/testing/messages.hpp"
#include "patchbay/testing/workers.hpp"

namespace patchbay::testing {

/// Whether a topic name matches a filter. [MQTT-4.7.1-2] [MQTT-4.7.2-1]
inline bool topic_matches(std::string_view filter, std::string_view topic) {
  if (filter.starts_with("$share/")) {
    const std::size_t group_end = filter.find('/', 7);
    if (group_end == std::string_view::npos) return false;
    filter = filter.substr(group_end + 1);
  }
  if (topic.starts_with("$") && (filter.starts_with("+") || filter.starts_with("#"))) return false;
  for (;;) {
    if (filter == "#") return true;
    const std::size_t f = filter.find('/');
    const std::size_t t = topic.find('/');
    const std::string_view level = filter.substr(0, f);
    if (level != "+" && level != topic.substr(0, t)) return false;
    if (f == std::string_view::npos || t == std::string_view::npos) {
      return (f == t) || (t == std::string_view::npos && filter.substr(f) == "/#");
    }
    filter = filter.substr(f + 1);
    topic = topic.substr(t + 1);
  }
}

class publishing : public part<publishing> {
 public:
  publishing(core& shared, messages& all, workers& pool) : part(shared), messages_(all), workers_(pool) {
    publish_.size = sizeof publish_;
    publish_.publish = [](const patchbay_host* h, const patchbay_message* m) { return of(h).publish(m); };
    subscribe_.size = sizeof subscribe_;
    subscribe_.subscribe = [](const patchbay_host* h, patchbay_str filter, std::uint32_t qos, patchbay_delivery_fn fn,
                              void* self, std::uint64_t* out) { return of(h).subscribe(filter, qos, fn, self, out); };
    subscribe_.unsubscribe = [](const patchbay_host* h, std::uint64_t id, void (*done)(void*), void* self) {
      return of(h).unsubscribe(id, done, self);
    };
    retained_.size = sizeof retained_;
    retained_.find = [](const patchbay_host* h, patchbay_str topic, patchbay_retained_fn fn, void* self) {
      return of(h).show_retained(topic, 0, 1, fn, self, true);
    };
    retained_.match = [](const patchbay_host* h, patchbay_str filter, std::uint64_t cursor, std::uint32_t limit,
                         patchbay_retained_fn fn,
                         void* self) { return of(h).show_retained(filter, cursor, limit, fn, self, false); };
    retained_.remove = [](const patchbay_host* h, patchbay_str topic) {
      const auto failed = core_of(h).enter("retained.remove");
      if (failed == PATCHBAY_OK) of(h).retained_messages.erase(std::string(text(topic)));
      return failed;
    };
    shared.interfaces[PATCHBAY_PUBLISH_1] = &publish_;
    shared.interfaces[PATCHBAY_SUBSCRIBE_1] = &subscribe_;
    shared.interfaces[PATCHBAY_RETAINED_1] = &retained_;
  }

  /// What the plugin (or a client of its protocol) has published, in order.
  std::vector<message_fields> published() {
    const std::lock_guard lock(core_.mutex);
    return published_;
  }
  void forget_published() {
    const std::lock_guard lock(core_.mutex);
    published_.clear();
  }
  /// Somebody publishes: the plugin's subscriptions that match get it, on a shard. How many.
  std::size_t route(const message_fields& message) {
    std::vector<std::pair<std::uint64_t, subscription>> matching;
    {
      const std::lock_guard lock(core_.mutex);
      for (const auto& [id, each] : subscriptions_) {
        if (topic_matches(each.filter, message.topic)) matching.emplace_back(id, each);
      }
    }
    const patchbay_message* shown = messages_.make(message);
    for (const auto& [id, each] : matching) {
      const role_scope role(PATCHBAY_THREAD_SHARD, 0);
      each.fn(each.self, id, shown);
    }
    messages_.forget(shown);
    return matching.size();
  }
  std::size_t subscriptions() {
    const std::lock_guard lock(core_.mutex);
    return subscriptions_.size();
  }
  void record(message_fields message) {
    const std::lock_guard lock(core_.mutex);
    if (message.retain) retained_messages[message.topic] = message;
    published_.push_back(std::move(message));
  }
  std::map<std::string, message_fields> retained_messages;

 private:
  struct subscription {
    std::string filter;
    patchbay_delivery_fn fn;
    void* self;
  };
  patchbay_status publish(const patchbay_message* m) {
    const std::lock_guard lock(core_.mutex);
    if (!messages_.take_over(m, "publish")) return PATCHBAY_INVALID;
    const message_fields fields = messages::fields_of(m);
    messages_.forget(m);
    if (const auto failed = core_.enter("publish"); failed != PATCHBAY_OK) return failed;
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    record(fields);
    return PATCHBAY_OK;
  }
  patchbay_status subscribe(patchbay_str filter, std::uint32_t qos, patchbay_delivery_fn fn, void* self,
                            std::uint64_t* out) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = core_.enter("subscribe"); failed != PATCHBAY_OK) return failed;
    if (filter.len == 0 || qos > 2 || fn == nullptr) return PATCHBAY_INVALID;
    *out = core_.next_number();
    subscriptions_[*out] = {std::string(text(filter)), fn, self};
    return PATCHBAY_OK;
  }
  patchbay_status unsubscribe(std::uint64_t id, void (*done)(void*), void* self) {
    {
      const std::lock_guard lock(core_.mutex);
      if (subscriptions_.erase(id) == 0) return PATCHBAY_NOT_FOUND;
    }
    if (done != nullptr) done(self);
    return PATCHBAY_OK;
  }
  patchbay_status show_retained(patchbay_str filter, std::uint64_t cursor, std::uint32_t limit, patchbay_retained_fn fn,
                                void* self, bool one) {
    if (const auto failed = core_.enter("retained"); failed != PATCHBAY_OK) return failed;
    return workers_.later([this, wanted = std::string(text(filter)), cursor, limit, fn, self, one] {
      std::vector<const patchbay_message*> found;
      std::uint64_t at = 0;
      for (const auto& [topic, each] : retained_messages) {
        const bool matches = one ? topic == wanted : topic_matches(wanted, topic);
        if (matches && at++ >= cursor && found.size() <= limit) found.push_back(messages_.make(each));
      }
      const bool more = found.size() > limit;
      if (more) messages_.forget(found.back()), found.pop_back();
      fn(self, one && found.empty() ? PATCHBAY_NOT_FOUND : PATCHBAY_OK, found.data(), found.size(),
         more ? cursor + limit : 0);
      for (const auto* each : found) messages_.forget(each);
    });
  }
  messages& messages_;
  workers& workers_;
  patchbay_publish publish_{};
  patchbay_subscribe subscribe_{};
  patchbay_retained retained_{};
  std::vector<message_fields> published_;
  std::map<std::uint64_t, subscription> subscriptions_;
};

}  // namespace patchbay::testing
