#include "session/granted_limits.h"

#include <algorithm>
#include <utility>

#include "session/connect_client.h"

namespace patchbay::session {

namespace {

/// `granted` within what is configured; the configured value where nothing, or nothing possible, was granted.
template <class Value>
Value within(std::optional<Value> granted, Value configured) {
  return granted && *granted != 0 ? std::min(*granted, configured) : configured;
}

}  // namespace

std::optional<uint32_t> granted_session_expiry(const hooks::SessionTerms& terms, const mqtt::Connect& connect,
                                               const SessionLimits& limits) {
  if (!terms.session_expiry_interval_s) return std::nullopt;
  if (connect.version != mqtt::ProtocolVersion::v5 && connect.clean_start) return std::nullopt;
  return std::min(*terms.session_expiry_interval_s, limits.maximum_session_expiry_interval_s);
}

namespace {

/// `limits` with what the terms say about this connection.
SessionLimits limits_with(const hooks::SessionTerms& terms, const mqtt::Connect& connect, const SessionLimits& limits) {
  SessionLimits granted = limits;
  granted.receive_maximum = within(terms.receive_maximum, limits.receive_maximum);
  granted.maximum_packet_size = within(terms.maximum_packet_size, limits.maximum_packet_size);
  if (terms.keep_alive_s.value_or(0) != 0) {
    const uint16_t longest_s = limits.maximum_keep_alive_s != 0 ? limits.maximum_keep_alive_s : *terms.keep_alive_s;
    granted.server_keep_alive_s = std::min(*terms.keep_alive_s, longest_s);
  }
  if (terms.response_information) granted.response_information = *terms.response_information;
  const auto expiry_s = granted_session_expiry(terms, connect, limits);
  // Less than what the client asked for was granted: it must not get it by means of DISCONNECT either.
  if (expiry_s && *expiry_s < session_expiry_interval(connect, limits))
    granted.maximum_session_expiry_interval_s = *expiry_s;
  return granted;
}

/// Of two sets that come from the same one: whether the terms made the same of it.
bool is_same(const SessionLimits& left, const SessionLimits& right) {
  return left.receive_maximum == right.receive_maximum && left.maximum_packet_size == right.maximum_packet_size &&
         left.server_keep_alive_s == right.server_keep_alive_s &&
         left.response_information == right.response_information &&
         left.maximum_session_expiry_interval_s == right.maximum_session_expiry_interval_s;
}

}  // namespace

std::shared_ptr<const SessionLimits> GrantedLimits::apply(const hooks::SessionTerms& terms,
                                                          const mqtt::Connect& connect,
                                                          const std::shared_ptr<const SessionLimits>& limits) {
  if (connect.version != mqtt::ProtocolVersion::v5) return limits;
  SessionLimits granted = limits_with(terms, connect, *limits);
  if (is_same(granted, *limits)) return limits;
  for (const Derived& derived : derived_) {
    const auto known = derived.limits.lock();
    if (known != nullptr && derived.from.lock() == limits && is_same(*known, granted)) return known;
  }
  auto made = std::make_shared<const SessionLimits>(std::move(granted));
  std::erase_if(derived_, [](const Derived& derived) { return derived.limits.expired(); });
  if (derived_.size() < kMaximumShared) derived_.push_back({limits, made});
  return made;
}

}  // namespace patchbay::session
