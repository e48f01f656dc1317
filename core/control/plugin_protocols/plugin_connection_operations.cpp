// What the plugin asks of a connection.

#include <algorithm>
#include <array>
#include <utility>

#include "plugin_bridge/abi_views.h"
#include "plugin_protocols/plugin_connection.h"

namespace patchbay::plugin_protocols {

using session::CloseReason;

namespace {
/// What a plugin writes first when it is called is mostly all that it writes: the system call isn't one more then.
constexpr size_t kFirstAtOnceFrom = 4 * 1024;

CloseReason close_reason(uint32_t abi_reason) {
  switch (abi_reason) {
    case PATCHBAY_CLOSE_NORMAL:
      return CloseReason::normal;
    case PATCHBAY_CLOSE_PROTOCOL:
      return CloseReason::protocol_error;
    case PATCHBAY_CLOSE_KICKED:
    case PATCHBAY_CLOSE_UNLOAD:
      return CloseReason::kicked;
    case PATCHBAY_CLOSE_TAKEN_OVER:
      return CloseReason::taken_over;
    case PATCHBAY_CLOSE_SHUTDOWN:
      return CloseReason::server_shutdown;
    case PATCHBAY_CLOSE_TIMEOUT:
      return CloseReason::keep_alive_timeout;
    case PATCHBAY_CLOSE_LIMIT:
      return CloseReason::limit;
    default:
      return CloseReason::transport_error;
  }
}
}  // namespace

patchbay_status PluginConnection::status_of(BrokerClient::Taken taken) {
  switch (taken) {
    case BrokerClient::Taken::ok:
      return PATCHBAY_OK;
    case BrokerClient::Taken::invalid:
      return provider_->account().invalid("an operation of a connection has an argument that can't be");
    case BrokerClient::Taken::closed:
      return PATCHBAY_CLOSED;
    case BrokerClient::Taken::busy:
      return PATCHBAY_BUSY;
    case BrokerClient::Taken::too_large:
      break;
  }
  return PATCHBAY_TOO_LARGE;
}

patchbay_status PluginConnection::connect(const patchbay_connect& request, uint64_t operation) {
  constexpr size_t kMaximumText = 0xFFFF;
  if (closing_) return PATCHBAY_CLOSED;
  if (request.client_id.len > kMaximumText || request.username.len > kMaximumText ||
      request.password.len > kMaximumText) {
    return status_of(BrokerClient::Taken::invalid);
  }
  ConnectRequest wanted;
  wanted.client_id = plugin_services::view_of(request.client_id);
  wanted.username = plugin_services::view_of(request.username);
  if (request.has_password != 0) wanted.password.emplace(plugin_services::view_of(request.password));
  wanted.keep_alive_s = request.keep_alive_s;
  wanted.clean_start = request.clean_start != 0;
  wanted.session_expiry_interval_s = request.session_expiry_interval_s;
  if (request.receive_maximum != 0) {
    wanted.receive_maximum = static_cast<uint16_t>(std::min<uint32_t>(request.receive_maximum, 0xFFFF));
  }
  if (request.will_ref != nullptr) wanted.will = plugin_bridge::share(plugin_bridge::from_abi(request.will_ref));
  wanted.will_delay_interval_s = request.will_delay_interval_s;
  client_->set_protocol_version(static_cast<uint8_t>(std::min<uint32_t>(request.protocol_version, 0xFF)));
  const BrokerClient::Taken taken = client_->connect(wanted, operation);
  if (taken == BrokerClient::Taken::ok) connect_timer_.stop();  // from here on the machine's own deadline counts
  return status_of(taken);
}

patchbay_status PluginConnection::publish(const mqtt::MessageRef& message, uint64_t operation) {
  if (closing_) return PATCHBAY_CLOSED;
  return status_of(client_->publish(*message, operation));
}

patchbay_status PluginConnection::subscribe(std::string_view topic_filter, uint8_t maximum_qos, bool no_local,
                                            uint32_t subscription_id, uint64_t operation) {
  if (closing_) return PATCHBAY_CLOSED;
  return status_of(client_->subscribe(topic_filter, maximum_qos, no_local, subscription_id, operation));
}

patchbay_status PluginConnection::unsubscribe(std::string_view topic_filter, uint64_t operation) {
  if (closing_) return PATCHBAY_CLOSED;
  return status_of(client_->unsubscribe(topic_filter, operation));
}

patchbay_status PluginConnection::acknowledge(uint64_t delivery, uint8_t reason) {
  if (closing_) return PATCHBAY_CLOSED;
  return client_->acknowledge(delivery, static_cast<mqtt::ReasonCode>(reason)) ? PATCHBAY_OK : PATCHBAY_NOT_FOUND;
}

patchbay_status PluginConnection::set_credit(uint32_t receive_maximum) {
  client_->set_credit(receive_maximum);
  return PATCHBAY_OK;
}

patchbay_status PluginConnection::disconnect(bool with_will) {
  if (closing_) return PATCHBAY_CLOSED;
  return status_of(client_->disconnect(with_will));
}

/// The stream of a UDP or DTLS association wants each datagram with its length in front. False: no datagram can be so
/// large.
bool PluginConnection::begin_datagram(size_t size) {
  constexpr size_t kMaximumDatagram = 65'507;
  if (!datagrams_) return true;
  if (size > kMaximumDatagram) return false;
  const uint8_t length[] = {static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size & 0xFF)};
  port_->output().append(port_->pool(), length);
  return true;
}

void PluginConnection::write_spans(std::span<const patchbay_bytes> spans) {
  for (const patchbay_bytes& span : spans) {
    if (span.len != 0) port_->output().append(port_->pool(), {span.ptr, span.len});
  }
  port_->output_added();
}

void PluginConnection::write_spans_at_once(std::span<const patchbay_bytes> spans) {
  constexpr size_t kPieces = 256;
  std::array<std::span<const uint8_t>, kPieces> pieces;  // filled as far as it is used
  while (!spans.empty()) {
    const size_t count = std::min(spans.size(), kPieces);
    for (size_t i = 0; i < count; ++i) pieces[i] = {spans[i].ptr, spans[i].len};
    port_->write_at_once({pieces.data(), count});
    spans = spans.subspan(count);
  }
}

patchbay_status PluginConnection::write(std::span<const patchbay_bytes> spans) {
  if (closing_ || port_ == nullptr) return PATCHBAY_CLOSED;
  size_t size = 0;
  for (const patchbay_bytes& span : spans) size += span.len;
  if (!begin_datagram(size)) return PATCHBAY_TOO_LARGE;
  const bool first = !std::exchange(written_in_call_, true);
  if (size >= (first ? kFirstAtOnceFrom : session::ConnectionPort::kAtOnceFrom) && !datagrams_) {
    write_spans_at_once(spans);
  } else {
    write_spans(spans);
  }
  congested_ = !port_->writable();
  return congested_ ? PATCHBAY_BUSY : PATCHBAY_OK;
}

patchbay_status PluginConnection::write_payload(const mqtt::MessageRef& message, size_t offset, size_t len) {
  if (closing_ || port_ == nullptr) return PATCHBAY_CLOSED;
  const std::span<const uint8_t> payload = message->payload();
  if (offset > payload.size() || len > payload.size() - offset) return status_of(BrokerClient::Taken::invalid);
  if (!begin_datagram(len)) return PATCHBAY_TOO_LARGE;
  if (len != 0) port_->output().append_shared(port_->pool(), message, payload.subspan(offset, len));
  port_->output_added();
  congested_ = !port_->writable();
  return congested_ ? PATCHBAY_BUSY : PATCHBAY_OK;
}

patchbay_status PluginConnection::pause_read(bool pause) {
  read_paused_ = pause;
  if (port_ != nullptr && calls_ == 0) settle_reading();
  return PATCHBAY_OK;
}

patchbay_status PluginConnection::set_timer(uint64_t delay_ms) {
  if (closing_ || port_ == nullptr) return PATCHBAY_CLOSED;
  plugin_timer_.stop();
  timer_due_ms_ = 0;
  if (delay_ms == 0) return PATCHBAY_OK;
  timer_due_ms_ = provider_->shards().services(base::current_shard()).now_ms + delay_ms;
  start(plugin_timer_, delay_ms);
  return PATCHBAY_OK;
}

patchbay_status PluginConnection::close(uint32_t reason) {
  if (closing_ || port_ == nullptr) return PATCHBAY_OK;
  closing_ = true;
  closed_by_plugin_ = !kicked_;
  plugin_reason_ = reason;
  port_->close(close_reason(reason));
  return PATCHBAY_OK;
}

}  // namespace patchbay::plugin_protocols
