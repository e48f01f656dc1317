#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "distribution/delivery.h"
#include "router/subscription_entry.h"

namespace patchbay::router {

class SharedGroup;

/// What SubscriptionIndex::find() found for one topic: the lists of subscribers and the shared groups of all filters
/// that match. One for each shard, used again and again so that a look-up allocates nothing. Valid until the epoch
/// section ends. [shard]
class Matches {
 public:
  void clear() {
    lists_.clear();
    groups_.clear();
  }
  void add_list(const SubscriptionEntry* entries, uint32_t size) { lists_.push_back({entries, size}); }
  void add_group(SharedGroup* group) { groups_.push_back(group); }

  [[nodiscard]] std::span<SharedGroup* const> groups() const { return groups_; }
  [[nodiscard]] bool has_lists() const { return !lists_.empty(); }

  /// Calls `on_delivery(const Delivery&)` for every subscriber once; where several of its subscriptions match, with the
  /// greatest QoS [MQTT-3.3.4-2], followed by one continuation for each further subscription identifier
  /// [MQTT-3.3.4-4]. Shared groups are not included.
  template <class OnDelivery>
  void for_each(OnDelivery&& on_delivery) {
    if (lists_.size() == 1) {
      stream(lists_.front(), on_delivery);
    } else if (!lists_.empty()) {
      merge(on_delivery);
    }
  }

 private:
  struct List {
    const SubscriptionEntry* entries;
    uint32_t size;
  };
  struct Run {  // the deliveries of one subscriber in gathered_
    size_t first;
    size_t end;
  };

  template <class OnDelivery>
  static void stream(const List& list, OnDelivery& on_delivery) {
    distribution::Delivery delivery;
    for (uint32_t i = 0; i < list.size; ++i) {
      if (list.entries[i].read(delivery)) on_delivery(delivery);
    }
  }
  template <class OnDelivery>
  void merge(OnDelivery& on_delivery);
  template <class OnDelivery>
  void emit(const distribution::Delivery* extra, Run run, OnDelivery& on_delivery);

  /// Moves the largest list to the end and gathers and sorts all the others.
  List gather();
  /// Where `subscriber` stands in gathered_; an empty run if it does not. Marks it as seen.
  Run take(distribution::SubscriberHandle subscriber);
  [[nodiscard]] Run run_at(size_t first) const;

  std::vector<List> lists_;
  std::vector<SharedGroup*> groups_;
  std::vector<distribution::Delivery> gathered_;  // of all lists but the largest, by subscriber
  std::vector<uint8_t> seen_;                     // by position in gathered_: the first of a run that was emitted
  uint64_t filter_ = 0;                           // one bit for each subscriber in gathered_, by a hash of its handle
};

/// `extra` is the largest list's entry of the same subscriber, or null.
template <class OnDelivery>
void Matches::emit(const distribution::Delivery* extra, Run run, OnDelivery& on_delivery) {
  const size_t begin = extra == nullptr ? run.first + 1 : run.first;
  distribution::Delivery merged = extra == nullptr ? gathered_[run.first] : *extra;
  uint32_t identifier_from = UINT32_MAX;  // the entry whose identifier went into the first delivery
  for (size_t i = begin; i < run.end; ++i) {
    const distribution::Delivery& other = gathered_[i];
    if (other.options.maximum_qos > merged.options.maximum_qos) merged.options.maximum_qos = other.options.maximum_qos;
    merged.options.no_local &= other.options.no_local;
    merged.options.retain_as_published |= other.options.retain_as_published;
    if (merged.subscription_identifier == 0 && other.subscription_identifier != 0) {
      merged.subscription_identifier = other.subscription_identifier;
      identifier_from = static_cast<uint32_t>(i);
    }
  }
  on_delivery(static_cast<const distribution::Delivery&>(merged));
  for (size_t i = begin; i < run.end; ++i) {
    if (gathered_[i].subscription_identifier == 0 || i == identifier_from) continue;
    distribution::Delivery further = merged;
    further.subscription_identifier = gathered_[i].subscription_identifier;
    further.continuation = 1;
    on_delivery(static_cast<const distribution::Delivery&>(further));
  }
}

template <class OnDelivery>
void Matches::merge(OnDelivery& on_delivery) {
  const List largest = gather();
  distribution::Delivery delivery;
  for (uint32_t i = 0; i < largest.size; ++i) {
    if (!largest.entries[i].read(delivery)) continue;
    const Run run = take(delivery.subscriber);
    if (run.first == run.end) {
      on_delivery(static_cast<const distribution::Delivery&>(delivery));
    } else {
      emit(&delivery, run, on_delivery);
    }
  }
  for (size_t first = 0; first < gathered_.size();) {
    const Run run = run_at(first);
    if (seen_[first] == 0) emit(nullptr, run, on_delivery);
    first = run.end;
  }
}

}  // namespace patchbay::router
