// A connection's way from accepting to its machine, what it may send, and what observers are told of it.

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "connection/connection.h"
#include "connection/connection_home.h"
#include "hooks/dispatch.h"

namespace patchbay::connection {

using base::Counter;
using session::CloseReason;

namespace {

constexpr std::string_view kMqtt = "MQTT";

/// What most events of connections begin with.
template <class Event>
Event from_peer(const session::PeerInfo& peer) {
  Event event;
  event.listener_id = peer.listener->id;
  std::copy(std::begin(peer.address), std::end(peer.address), event.peer_address.begin());
  event.peer_port = peer.port;
  return event;
}

}  // namespace

void Connection::start(bool moved) {
  stream_->watch(this);
  if (facts_.throttle() != nullptr) set_allowance(facts_.throttle()->allowance);
  if (!facts_.opened() && stream_->established()) opened();
  if (moved) {
    protocol_known_ = true;
    machine_ = home_.make_machine(*this, facts_.protocol());
  } else if (!peer().listener->protocol.empty()) {
    settle_listener_protocol();
  } else if (home_.extensions().hooks.conn_detect.empty()) {
    settle_protocol(nullptr);
  } else {
    begin_detection();
  }
  if (unread_.empty()) return;
  if (machine_ != nullptr) machine_->count_read();
  unread_ready_ = true;
  stream_->request_turn();
}

void Connection::opened() {
  facts_.opened_at_ms = home_.services().now_ms;
  const hooks::HookPoints& hooks = home_.extensions().hooks;
  if (!hooks.conn_opened.empty()) hooks::observe(hooks.conn_opened, event_of());
  if (!hooks.conn_limits.empty()) ask_limits();
}

void Connection::ask_limits() {
  auto event = from_peer<hooks::ConnLimitsEvent>(peer());
  hooks::transform(home_.extensions().hooks.conn_limits, *home_.services().deferrals, event);
  set_allowance(event.allowance);
}

// Which protocol? ----------------------------------------------------------------------------------------------------

void Connection::begin_detection() {
  base::Timer& timer = facts_.need_extras().detection;
  timer.bind(&Connection::detection_late, this);
  home_.services().start(timer, home_.limits().detect_timeout_ms);
}

void Connection::detection_late(void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.state_ != State::open || connection.machine_ != nullptr) return;
  // Whoever says nothing, or not enough, is the listener's own protocol's to be patient with.
  connection.settle_protocol(nullptr);
  if (!connection.unread_.empty()) connection.machine_->count_read();
  connection.need_ = 0;
  connection.unread_ready_ = true;
  connection.stream_->request_turn();
}

bool Connection::detect(std::span<const uint8_t> bytes) {
  auto event = from_peer<hooks::ConnDetectEvent>(peer());
  TransportHints hints;
  stream_->describe(hints);
  event.first_bytes = bytes;
  event.may_wait = bytes.size() < home_.limits().detect_bytes;
  event.alpn = hints.alpn;
  event.server_name = hints.server_name;
  event.websocket_path = hints.websocket_path;
  event.websocket_subprotocol = hints.websocket_subprotocol;
  hooks::transform(home_.extensions().hooks.conn_detect, *home_.services().deferrals, event);
  if (event.denied) {
    home_.services().count(Counter::connections_refused_hook);
    close(CloseReason::not_authorized);
    return false;
  }
  if (event.wants_more) {
    need_ = static_cast<uint32_t>(bytes.size() + 1);
    return false;
  }
  need_ = 0;
  const bool named = !event.protocol.empty() && event.protocol != kMqtt;
  ProtocolRef protocol = named ? home_.extensions().protocols.find(event.protocol, event.listener_id) : nullptr;
  if (named && protocol == nullptr) {
    base::log(base::LogArea::connection, base::LogLevel::warning, "conn.detect named a protocol that is not there",
              {{"listener", event.listener_id}, {"protocol", event.protocol}, {"named_by", event.decided_by}});
  }
  settle_protocol(std::move(protocol));
  machine_->count_read();
  return true;
}

void Connection::settle_listener_protocol() {
  const session::ListenerInfo& listener = *peer().listener;
  ProtocolRef protocol = home_.extensions().protocols.find(listener.protocol, listener.id);
  if (protocol != nullptr) return settle_protocol(std::move(protocol));
  // Its plugin does not run now: nobody else could understand what comes.
  base::log(base::LogArea::connection, base::LogLevel::warning, "the protocol of a listener is not there",
            {{"listener", listener.id}, {"protocol", listener.protocol}});
  protocol_known_ = true;
  close(CloseReason::server_shutdown);
}

void Connection::settle_protocol(ProtocolRef protocol) {
  if (facts_.extras != nullptr) facts_.extras->detection.stop();
  if (protocol != nullptr) facts_.need_extras().protocol = std::move(protocol);
  protocol_known_ = true;
  machine_ = home_.make_machine(*this, facts_.protocol());
  const auto& point = home_.extensions().hooks.proto_opened;
  if (facts_.protocol() != nullptr && !point.empty()) hooks::observe(point, event_of());
}

void Connection::pack(std::unique_ptr<session::MachineLuggage> luggage) {
  facts_.need_extras().luggage = std::move(luggage);
}

session::MachineLuggage* Connection::luggage() const {
  return facts_.extras == nullptr ? nullptr : facts_.extras->luggage.get();
}

// How much? ----------------------------------------------------------------------------------------------------------

void Connection::set_allowance(const access::ConnectionAllowance& change) {
  const Throttle* before = facts_.throttle();
  access::ConnectionAllowance allowance = before == nullptr ? access::ConnectionAllowance{} : before->allowance;
  access::merge_allowance(allowance, change);
  const bool same_rate = before != nullptr && before->allowance.bytes_per_s == allowance.bytes_per_s &&
                         before->allowance.messages_per_s == allowance.messages_per_s;
  if (!allowance.is_set()) return;
  messages_limited_ = allowance.messages_per_s != 0;
  std::unique_ptr<Throttle>& throttle = facts_.need_extras().throttle;
  if (same_rate) {
    throttle->allowance = allowance;  // what was used up stays used up
  } else {
    throttle = std::make_unique<Throttle>(allowance, home_.services().now_ms);
  }
  throttle->resume.bind(&Connection::rate_allows, this);
  if (throttled_ && !throttle->resume.running()) rate_allows(this);
}

uint32_t Connection::packet_limit(uint32_t configured) const {
  const Throttle* throttle = facts_.throttle();
  return throttle == nullptr || throttle->allowance.maximum_packet_size == 0 ? configured
                                                                             : throttle->allowance.maximum_packet_size;
}

bool Connection::take_limited_message() {
  TokenBucket& messages = facts_.throttle()->messages;
  messages.take(1);
  if (messages.available(home_.services().now_ms) != 0) return true;
  pause_for_rate(messages);
  return false;
}

void Connection::pause_for_rate(TokenBucket& bucket) {
  if (throttled_) return;
  throttled_ = true;
  const base::ShardServices& services = home_.services();
  services.count(Counter::reads_paused_rate);
  services.start(facts_.throttle()->resume, bucket.delay_ms(services.now_ms));
}

void Connection::rate_allows(void* self) {
  auto& connection = *static_cast<Connection*>(self);
  connection.throttled_ = false;
  if (connection.state_ != State::open) return;
  connection.unread_ready_ = true;
  connection.stream_->request_turn();
}

// What observers are told --------------------------------------------------------------------------------------------

hooks::ConnectionEvent Connection::event_of() const {
  auto event = from_peer<hooks::ConnectionEvent>(peer());
  if (machine_ != nullptr) event.client = machine_->client();
  const Protocol* foreign = facts_.protocol();
  if (protocol_known_) event.protocol_name = foreign == nullptr ? kMqtt : std::string_view(foreign->id);
  event.bytes_received = facts_.bytes_received;
  event.bytes_sent = facts_.bytes_sent;
  event.duration_ms = home_.services().now_ms - facts_.opened_at_ms;
  return event;
}

void Connection::tell_closed() {
  const hooks::HookPoints& hooks = home_.extensions().hooks;
  const bool foreign = facts_.protocol() != nullptr;
  const bool heard =
      !hooks.conn_closed.empty() || (foreign && !(hooks.proto_closed.empty() && hooks.proto_error.empty()));
  if (!facts_.opened() || !heard) return;
  hooks::ConnectionEvent event = event_of();
  event.reason = session::close_reason_name(reason_);
  if (foreign && reason_ == CloseReason::protocol_error) hooks::observe(hooks.proto_error, event);
  if (foreign) hooks::observe(hooks.proto_closed, event);
  hooks::observe(hooks.conn_closed, event);
}

}  // namespace patchbay::connection
