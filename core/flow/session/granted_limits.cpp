#include "session/granted_limits.h"

#include <algorithm>

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

std::shared_ptr<const SessionLimits> granted_limits(const hooks::SessionTerms& terms, const mqtt::Connect& connect,
                                                    const std::shared_ptr<const SessionLimits>& limits) {
  if (connect.version != mqtt::ProtocolVersion::v5) return limits;
  auto granted = std::make_shared<SessionLimits>(*limits);
  granted->receive_maximum = within(terms.receive_maximum, limits->receive_maximum);
  granted->maximum_packet_size = within(terms.maximum_packet_size, limits->maximum_packet_size);
  if (terms.keep_alive_s.value_or(0) != 0) {
    const uint16_t longest_s = limits->maximum_keep_alive_s != 0 ? limits->maximum_keep_alive_s : *terms.keep_alive_s;
    granted->server_keep_alive_s = std::min(*terms.keep_alive_s, longest_s);
  }
  if (terms.response_information) granted->response_information = *terms.response_information;
  const auto expiry_s = granted_session_expiry(terms, connect, *limits);
  // Less than what the client asked for was granted: it must not get it by means of DISCONNECT either.
  if (expiry_s && *expiry_s < session_expiry_interval(connect, *limits))
    granted->maximum_session_expiry_interval_s = *expiry_s;
  const bool same = granted->receive_maximum == limits->receive_maximum &&
                    granted->maximum_packet_size == limits->maximum_packet_size &&
                    granted->server_keep_alive_s == limits->server_keep_alive_s &&
                    granted->response_information == limits->response_information &&
                    granted->maximum_session_expiry_interval_s == limits->maximum_session_expiry_interval_s;
  if (same) return limits;
  return granted;
}

}  // namespace patchbay::session
