#include "subscription.h"

#include <algorithm>
#include <charconv>

namespace patchbay::stomp {

namespace {

template <typename Number>
bool take_number(std::string_view& text, Number& into) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  if (text.empty() || read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

void append_number(std::string& out, std::uint64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

}  // namespace

std::optional<AckMode> read_ack_mode(std::string_view text) {
  if (text == "auto") return AckMode::automatic;
  if (text == "client") return AckMode::client;
  if (text == "client-individual") return AckMode::client_individual;
  return std::nullopt;
}

std::string AckId::text() const {
  std::string out = std::to_string(subscription) + '-';
  append_sequence(out, sequence, expects_nothing);
  return out;
}

void AckId::append_sequence(std::string& out, std::uint64_t sequence, bool expects_nothing) {
  append_number(out, sequence);
  if (expects_nothing) out += "-0";
}

std::optional<AckId> AckId::read(std::string_view text) {
  AckId id;
  if (!take_number(text, id.subscription) || !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (!take_number(text, id.sequence)) return std::nullopt;
  id.expects_nothing = text == "-0";
  if (!text.empty() && !id.expects_nothing) return std::nullopt;
  return id;
}

void Subscription::make_heads() {
  const std::string text = std::to_string(number) + '-';
  frame_head = head + "\nmessage-id:" + text;
  ack_head = "\nack:" + text;
  next_head.begin(frame_head, last_sequence);
}

bool Subscription::knows(const AckId& ack_id) const {
  if (ack == AckMode::automatic || ack_id.sequence == 0 || ack_id.sequence > last_sequence) return false;
  return ack_id.expects_nothing || unacknowledged.contains(ack_id.sequence);
}

std::vector<std::uint64_t> Subscription::take(const AckId& ack_id) {
  std::vector<std::uint64_t> deliveries;
  auto first = unacknowledged.lower_bound(ack_id.sequence);
  auto last = unacknowledged.upper_bound(ack_id.sequence);
  // "If the ack mode is client, all messages up to this one are acknowledged." (1.2, "SUBSCRIBE ack Header")
  if (ack == AckMode::client) first = unacknowledged.begin();
  for (auto entry = first; entry != last; ++entry) deliveries.push_back(entry->second);
  unacknowledged.erase(first, last);
  return deliveries;
}

Subscription* SubscriptionTable::find(std::string_view id) {
  for (const auto& each : subscriptions_) {
    if (each->id == id) return each.get();
  }
  return nullptr;
}

Subscription* SubscriptionTable::by_number(std::uint32_t number) {
  for (const auto& each : subscriptions_) {
    if (each->number == number) return each.get();
  }
  return nullptr;
}

void SubscriptionTable::look_up(std::uint32_t broker_id) {
  const auto found = filters_.find(broker_id);
  last_broker_id_ = broker_id;
  last_filter_ = found == filters_.end() ? nullptr : &found->second;
}

Subscription& SubscriptionTable::add(Subscription subscription, std::string_view topic_filter, std::uint8_t qos) {
  if (subscription.number == 0) subscription.number = next_number_++;
  const auto same = std::find_if(filters_.begin(), filters_.end(),
                                 [&](const auto& entry) { return entry.second.topic_filter == topic_filter; });
  if (same != filters_.end()) {
    subscription.broker_id = same->first;
  } else if (subscription.broker_id == 0) {
    subscription.broker_id = next_broker_id_++;
  }
  subscription.make_heads();
  last_broker_id_ = 0;
  last_filter_ = nullptr;
  Subscription& added = *subscriptions_.emplace_back(std::make_unique<Subscription>(std::move(subscription)));
  Filter& filter = filters_[added.broker_id];
  filter.topic_filter = topic_filter;
  filter.qos = std::max(filter.qos, qos);
  filter.members.push_back(&added);
  return added;
}

std::string SubscriptionTable::remove(const Subscription& subscription) {
  std::string last_of;
  const auto found = filters_.find(subscription.broker_id);
  std::erase(found->second.members, &subscription);
  if (found->second.members.empty()) {
    last_of = std::move(found->second.topic_filter);
    filters_.erase(found);
    last_broker_id_ = 0;
    last_filter_ = nullptr;
  }
  std::erase_if(subscriptions_, [&](const auto& each) { return each.get() == &subscription; });
  return last_of;
}

Subscription& SubscriptionTable::pick(Filter& filter) {
  const std::size_t count = filter.members.size();
  for (std::size_t i = 0; i < count; ++i) {
    Subscription& candidate = *filter.members[(filter.next_member + i) % count];
    if (!candidate.has_room()) continue;
    filter.next_member = (filter.next_member + i + 1) % count;
    return candidate;
  }
  filter.next_member = (filter.next_member + 1) % count;
  return *filter.members[filter.next_member];
}

void SubscriptionTable::resume(std::uint32_t next_number, std::uint32_t next_broker_id) {
  next_number_ = next_number;
  next_broker_id_ = next_broker_id;
}

}  // namespace patchbay::stomp
