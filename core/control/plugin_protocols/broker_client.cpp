#include "plugin_protocols/broker_client.h"

#include <algorithm>
#include <utility>

#include "base/utf8.h"
#include "mqtt/codec/encoder.h"
#include "mqtt/codec/packet_framer.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::plugin_protocols {

using mqtt::PacketType;
using mqtt::PropertyId;
using mqtt::Qos;
using mqtt::ReasonCode;
using session::CloseReason;

namespace {
constexpr mqtt::ProtocolVersion kVersion = mqtt::ProtocolVersion::v5;
constexpr uint32_t kRoom = 0xFFFFFFFF;

template <class Packet>
std::vector<uint8_t> encoded(const Packet& packet) {
  if constexpr (std::is_same_v<Packet, mqtt::Connect>) {
    std::vector<uint8_t> bytes(mqtt::encoded_size(packet));
    mqtt::encode(packet, bytes);
    return bytes;
  } else {
    std::vector<uint8_t> bytes(mqtt::encoded_size(packet, kVersion));
    mqtt::encode(packet, kVersion, bytes);
    return bytes;
  }
}

/// Whether MQTT can carry it as a text, and it is not empty.
bool is_text(std::string_view text) {
  return !text.empty() && text.size() <= 0xFFFF && base::is_clean_utf8(text);
}

/// The properties of a message as a block for a PUBLISH packet, the expiry interval included.
std::vector<uint8_t> property_block(const mqtt::Message& message) {
  const auto forwardable = message.forwardable_properties();
  std::vector<uint8_t> block(forwardable.begin(), forwardable.end());
  if (const auto expiry = message.message_expiry_interval_s()) {
    mqtt::append_property(block, PropertyId::message_expiry_interval, *expiry);
  }
  return block;
}
}  // namespace

BrokerClient::BrokerClient(ClientOwner& owner, const session::PeerInfo& peer, std::string_view protocol_name,
                           uint8_t protocol_version)
    : owner_(owner), peer_(peer), adapter_{this, protocol_name, protocol_version} {
  pool_ = &chunks_;
  high_water_ = kRoom;  // what the machine itself writes are answers, a few bytes each
}

BrokerClient::~BrokerClient() {
  output_.clear(chunks_);
}

void BrokerClient::arrive(session::SessionEnvironment& environment) {
  environment_ = &environment;
  moving_ = false;
  paused_ = false;
  if (state_ == State::connecting) {
    make_machine();
    owner_.wants_run();
  }
}

void BrokerClient::make_machine() {
  session::ConnectionPort& port = *this;
  machine_ = std::make_unique<session::MqttMachine>(*environment_, port);
}

void BrokerClient::leave() {
  machine_.reset();
  environment_ = nullptr;
}

// Operations ---------------------------------------------------------------------------------------------------------

BrokerClient::Taken BrokerClient::check_room(size_t packet_size) const {
  if (state_ != State::connected) return Taken::closed;
  if (packet_size > maximum_packet_size_) return Taken::too_large;
  const bool full = operations_.size() >= kMaximumOperations || operation_bytes_ + packet_size > kMaximumOperationBytes;
  return full ? Taken::busy : Taken::ok;
}

template <class Packet>
void BrokerClient::add_operation(const Packet& packet, Operation operation) {
  operation.packet = encoded(packet);
  operation_bytes_ += operation.packet.size();
  operations_.push_back(std::move(operation));
  owner_.wants_run();
}

template <class Packet>
void BrokerClient::add_answer(const Packet& packet) {
  answers_.push_back(encoded(packet));
  owner_.wants_run();
}

void BrokerClient::add_acknowledgement(PacketType type, uint16_t packet_id, ReasonCode reason) {
  mqtt::Acknowledgement packet;
  packet.type = type;
  packet.packet_id = packet_id;
  packet.reason_code = reason;
  add_answer(packet);
}

uint16_t BrokerClient::new_packet_id() {
  // At most kMaximumOperations and the machine's receive maximum are in use: there is a free one.
  do {
    next_packet_id_ = next_packet_id_ == 0xFFFF ? 1 : static_cast<uint16_t>(next_packet_id_ + 1);
  } while (asked_.contains(next_packet_id_));
  return next_packet_id_;
}

BrokerClient::Taken BrokerClient::connect(const ConnectRequest& request, uint64_t operation) {
  if (state_ == State::ended) return Taken::closed;
  if (state_ != State::idle || !base::is_clean_utf8(request.client_id) || !base::is_clean_utf8(request.username)) {
    return Taken::invalid;
  }
  mqtt::Connect packet;
  packet.clean_start = request.clean_start;
  packet.client_id = request.client_id;
  packet.has_user_name = !request.username.empty();
  packet.user_name = request.username;
  packet.has_password = request.password.has_value();
  if (packet.has_password) packet.password = *request.password;
  packet.keep_alive_s = request.keep_alive_s;
  if (request.session_expiry_interval_s != 0) {
    packet.properties.set(PropertyId::session_expiry_interval, request.session_expiry_interval_s);
  }
  credit_ = request.receive_maximum;
  if (request.will) {
    packet.has_will = true;
    packet.will.topic = request.will->topic();
    packet.will.payload = request.will->payload();
    packet.will.qos = request.will->qos();
    packet.will.retain = request.will->retain();
    if (request.will_delay_interval_s != 0) {
      packet.will.properties.set(PropertyId::will_delay_interval, request.will_delay_interval_s);
    }
    if (const auto expiry = request.will->message_expiry_interval_s()) {
      packet.will.properties.set(PropertyId::message_expiry_interval, *expiry);
    }
  }
  state_ = State::connecting;
  connect_operation_ = operation;
  make_machine();
  add_operation(packet, {PacketType::connect, operation, Qos::at_most_once, 0, {}});
  return Taken::ok;
}

BrokerClient::Taken BrokerClient::publish(const mqtt::Message& message, uint64_t operation) {
  // What the machine could not read would end the connection: the plugin is told instead.
  if (message.topic().empty() || base::scan_utf8(message.topic()) != 0) return Taken::invalid;
  const std::vector<uint8_t> block = property_block(message);
  mqtt::Publish packet;
  packet.topic = message.topic();
  packet.payload = message.payload();
  packet.qos = message.qos();
  packet.retain = message.retain();
  packet.properties = mqtt::publish_properties_of(block);
  const Taken room = check_room(mqtt::encoded_size(packet, kVersion) + sizeof(uint16_t));
  if (room != Taken::ok) return room;
  Operation asked{PacketType::publish, operation, message.qos(), 0, {}};
  if (asked.qos != Qos::at_most_once) asked.packet_id = packet.packet_id = new_packet_id();
  if (asked.packet_id != 0) asked_.emplace(asked.packet_id, asked);
  add_operation(packet, std::move(asked));
  return Taken::ok;
}

BrokerClient::Taken BrokerClient::subscribe(std::string_view topic_filter, uint8_t maximum_qos, bool no_local,
                                            uint32_t subscription_id, uint64_t operation) {
  constexpr uint32_t kMaximumId = 268'435'455;
  if (maximum_qos > 2 || subscription_id > kMaximumId || !is_text(topic_filter)) return Taken::invalid;
  mqtt::SubscriptionOptions options;
  options.maximum_qos = static_cast<Qos>(maximum_qos);
  options.no_local = no_local && !mqtt::is_shared_filter(topic_filter);
  std::vector<uint8_t> list;
  mqtt::append_subscription(list, {topic_filter, options});
  const Taken room = check_room(list.size());
  if (room != Taken::ok) return room;
  mqtt::Subscribe packet;
  packet.packet_id = new_packet_id();
  packet.subscriptions = {list, 1};
  if (subscription_id != 0) packet.properties.set(PropertyId::subscription_identifier, subscription_id);
  Operation asked{PacketType::subscribe, operation, Qos::at_most_once, packet.packet_id, {}};
  asked_.emplace(asked.packet_id, asked);
  add_operation(packet, std::move(asked));
  return Taken::ok;
}

BrokerClient::Taken BrokerClient::unsubscribe(std::string_view topic_filter, uint64_t operation) {
  if (!is_text(topic_filter)) return Taken::invalid;
  std::vector<uint8_t> list;
  mqtt::append_topic_filter(list, topic_filter);
  const Taken room = check_room(list.size());
  if (room != Taken::ok) return room;
  mqtt::Unsubscribe packet;
  packet.packet_id = new_packet_id();
  packet.topic_filters = {list, 1};
  Operation asked{PacketType::unsubscribe, operation, Qos::at_most_once, packet.packet_id, {}};
  asked_.emplace(asked.packet_id, asked);
  add_operation(packet, std::move(asked));
  return Taken::ok;
}

BrokerClient::Taken BrokerClient::disconnect(bool with_will) {
  if (state_ != State::connected) return Taken::closed;
  mqtt::Disconnect packet;
  packet.reason_code = with_will ? ReasonCode::disconnect_with_will_message : ReasonCode::success;
  add_operation(packet, {PacketType::disconnect, 0, Qos::at_most_once, 0, {}});
  return Taken::ok;
}

bool BrokerClient::acknowledge(uint64_t delivery, ReasonCode reason) {
  const auto found = delivered_.find(delivery);
  if (found == delivered_.end()) return false;
  const auto [packet_id, qos] = found->second;
  delivered_.erase(found);
  add_acknowledgement(qos == Qos::exactly_once ? PacketType::pubrec : PacketType::puback, packet_id,
                      mqtt::is_failure(reason) ? ReasonCode::unspecified_error : ReasonCode::success);
  return true;
}

void BrokerClient::set_credit(uint32_t receive_maximum) {
  credit_ = static_cast<uint16_t>(std::min<uint32_t>(receive_maximum, 0xFFFF));
  session_waits_ = true;
  on_writable();
}

void BrokerClient::on_writable() {
  blocked_ = false;
  session_waits_ = true;
  owner_.wants_run();
}

void BrokerClient::kick(CloseReason reason) {
  if (machine_ != nullptr && state_ != State::ended) machine_->on_kick(reason);
}

void BrokerClient::on_closed(CloseReason reason) {
  if (machine_ != nullptr) machine_->on_closed(reason);
  state_ = State::ended;
  end_told_ = true;
}

// The machine's port -------------------------------------------------------------------------------------------------

void BrokerClient::close(CloseReason reason) {
  if (!end_reason_) end_reason_ = reason;
  owner_.wants_run();
}

void BrokerClient::resume_reading() {
  paused_ = false;
  owner_.wants_run();
}

void BrokerClient::move_to(base::ShardId shard) {
  moving_ = true;
  owner_.move_to(shard);
}

// The session's channel ----------------------------------------------------------------------------------------------

bool BrokerClient::ready() const {
  const bool room = !blocked_ && deliveries_.size() < kDeliveries && owner_.output_writable();
  if (!room) session_waits_ = true;
  return room;
}

bool BrokerClient::send_publish(const session::OutboundMessage& outbound, bool dup, session::PublishImages*) {
  add_delivery(outbound, mqtt::MessageRef(outbound.message), dup);
  return true;
}

bool BrokerClient::send_and_forget(session::OutboundMessage& outbound, session::PublishImages*) {
  add_delivery(outbound, std::move(outbound.message), false);
  return true;
}

void BrokerClient::add_delivery(const session::OutboundMessage& outbound, mqtt::MessageRef&& message, bool dup) {
  ClientDelivery& delivery = deliveries_.emplace_back();
  delivery.message = std::move(message);
  delivery.qos = outbound.qos;
  delivery.retain = outbound.retain;
  delivery.redelivered = dup;
  delivery.packet_id = outbound.packet_id;
  if (outbound.qos != Qos::at_most_once) delivery.id = next_delivery_++;
  delivery.subscription_id = outbound.subscription_identifier;
  if (outbound.further_identifiers) {
    delivery.overlapping_ids = std::make_unique<std::vector<uint32_t>>();
    static_cast<void>(outbound.identifiers(*delivery.overlapping_ids));
  }
  owner_.wants_run();
}

void BrokerClient::send_pubrel(uint16_t packet_id) {
  add_acknowledgement(PacketType::pubcomp, packet_id, ReasonCode::success);
}

// Running ------------------------------------------------------------------------------------------------------------

void BrokerClient::run() {
  if (running_ || environment_ == nullptr) return;
  running_ = true;
  bool more = true;
  while (more) {
    more = read_output();
    more = settle_unacknowledged() || more;
    more = feed() || more;
    more = hand_over_deliveries() || more;
    more = tell_end() || more;
    if (environment_ == nullptr) break;  // the owner has let it go
  }
  running_ = false;
}

bool BrokerClient::feed() {
  if (machine_ == nullptr || paused_ || moving_ || end_reason_) return false;
  if (!answers_.empty()) {
    const std::vector<uint8_t> packet = std::move(answers_.front());
    answers_.pop_front();
    size_t need = 0;
    static_cast<void>(machine_->on_bytes(packet, need));
    return true;
  }
  if (operations_.empty() || unacknowledged_) return false;
  const Operation& next = operations_.front();
  const bool counts = next.type == PacketType::publish && next.qos != Qos::at_most_once;
  if (counts && unanswered_publishes_ >= server_receive_maximum_) return false;  // [MQTT-3.3.4-9]
  unanswered_publishes_ += counts ? 1 : 0;
  feed_operation();
  return true;
}

void BrokerClient::feed_operation() {
  static_cast<void>(machine_->take_publish_outcome());
  size_t need = 0;
  const Operation& next = operations_.front();
  static_cast<void>(machine_->on_bytes(next.packet, need));
  if (moving_) return;  // CONNECT goes along, and is read again on the other shard
  if (next.type == PacketType::publish && next.qos == Qos::at_most_once) unacknowledged_ = next.id;
  operation_bytes_ -= next.packet.size();
  operations_.pop_front();
}

/// A PUBLISH of QoS 0 is done when the machine waits for nobody: it was routed, or refused without a word.
bool BrokerClient::settle_unacknowledged() {
  if (!unacknowledged_ || paused_) return false;
  const auto outcome = machine_ == nullptr ? std::nullopt : machine_->take_publish_outcome();
  OperationResult result;
  result.reason = outcome ? outcome->reason : ReasonCode::not_authorized;
  result.receivers = outcome ? outcome->receivers : 0;
  owner_.on_result(*std::exchange(unacknowledged_, std::nullopt), result);
  return true;
}

bool BrokerClient::read_output() {
  if (output_.empty()) return false;
  flush_wanted_ = false;
  std::vector<uint8_t> bytes;
  while (!output_.empty()) {
    std::span<const uint8_t> pieces[8];
    const size_t count = output_.gather(pieces);
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) {
      bytes.insert(bytes.end(), pieces[i].begin(), pieces[i].end());
      size += pieces[i].size();
    }
    output_.consume(chunks_, size);
  }
  // The machine writes whole packets only.
  for (std::span<const uint8_t> rest = bytes; !rest.empty();) {
    const mqtt::Frame frame = mqtt::frame_next(rest, 0xFFFFFFFF);
    PATCHBAY_ASSERT(frame.status == mqtt::Frame::Status::complete);
    const auto packet = mqtt::decode_packet(frame.first_byte, frame.body, kVersion, mqtt::Sender::server);
    PATCHBAY_ASSERT(packet.has_value());
    take_packet(*packet);
    rest = rest.subspan(frame.total_size);
  }
  return true;
}

void BrokerClient::take_packet(const mqtt::AnyPacket& packet) {
  if (const auto* connack = std::get_if<mqtt::Connack>(&packet)) return take(*connack);
  if (const auto* acknowledgement = std::get_if<mqtt::Acknowledgement>(&packet)) return take(*acknowledgement);
  if (const auto* suback = std::get_if<mqtt::Suback>(&packet)) return take(*suback);
  if (const auto* unsuback = std::get_if<mqtt::Unsuback>(&packet)) return take(*unsuback);
  // DISCONNECT: the port is closed with the same reason.
}

void BrokerClient::take(const mqtt::Connack& packet) {
  OperationResult result;
  result.reason = packet.reason_code;
  result.session_present = packet.session_present;
  if (mqtt::is_failure(packet.reason_code)) {
    if (packet.properties.has(PropertyId::reason_string)) result.text = packet.properties.reason_string;
  } else {
    state_ = State::connected;
    if (packet.properties.has(PropertyId::assigned_client_identifier)) {
      result.text = packet.properties.assigned_client_identifier;
    }
    server_receive_maximum_ = packet.properties.receive_maximum;
    maximum_packet_size_ = packet.properties.maximum_packet_size;
  }
  owner_.on_result(connect_operation_, result);
}

void BrokerClient::answer(uint16_t packet_id, OperationResult result) {
  const auto found = asked_.find(packet_id);
  if (found == asked_.end()) return;
  const uint64_t id = found->second.id;
  if (found->second.type == PacketType::publish) --unanswered_publishes_;
  asked_.erase(found);
  owner_.on_result(id, result);
}

void BrokerClient::take(const mqtt::Acknowledgement& packet) {
  if (packet.type == PacketType::pubrec && !mqtt::is_failure(packet.reason_code)) {
    // What was routed is known now; the rest of the exchange is between us and the machine.
    add_acknowledgement(PacketType::pubrel, packet.packet_id, ReasonCode::success);
  } else if (packet.type == PacketType::pubcomp) {
    return;
  }
  OperationResult result;
  const bool nobody = packet.reason_code == ReasonCode::no_matching_subscribers;
  result.reason = nobody ? ReasonCode::success : packet.reason_code;
  if (!mqtt::is_failure(packet.reason_code) && !nobody) {
    const auto outcome = machine_->take_publish_outcome();
    result.receivers = outcome ? outcome->receivers : 1;
  }
  if (packet.has_reason_string) result.text = packet.reason_string;
  answer(packet.packet_id, std::move(result));
}

void BrokerClient::take(const mqtt::Suback& packet) {
  OperationResult result;
  result.reason = packet.reason_codes.empty() ? ReasonCode::unspecified_error
                                              : static_cast<ReasonCode>(packet.reason_codes.front());
  if (!mqtt::is_failure(result.reason)) {
    result.granted_qos = static_cast<uint8_t>(result.reason);
    result.reason = ReasonCode::success;
  }
  answer(packet.packet_id, std::move(result));
}

void BrokerClient::take(const mqtt::Unsuback& packet) {
  OperationResult result;
  result.reason = packet.reason_codes.empty() ? ReasonCode::unspecified_error
                                              : static_cast<ReasonCode>(packet.reason_codes.front());
  answer(packet.packet_id, std::move(result));
}

bool BrokerClient::hand_over_deliveries() {
  bool more = false;
  if (!deliveries_.empty() && !blocked_ && state_ == State::connected) {
    const std::span<const ClientDelivery> batch =
        std::span(deliveries_).first(std::min(deliveries_.size(), kDeliveries));
    const size_t count = batch.size();
    // Before the call: the owner may acknowledge from within it. What comes meanwhile waits for the end of this turn.
    for (const ClientDelivery& delivery : batch) {
      if (delivery.id != 0) delivered_.emplace(delivery.id, std::pair(delivery.packet_id, delivery.qos));
    }
    const size_t taken = std::min(owner_.on_deliver(batch), count);
    for (size_t i = taken; i < count; ++i) delivered_.erase(deliveries_[i].id);
    deliveries_.erase(deliveries_.begin(), deliveries_.begin() + static_cast<std::ptrdiff_t>(taken));
    blocked_ = taken < count;
    more = taken > 0;
  }
  const bool room = !blocked_ && deliveries_.empty() && state_ == State::connected && !end_reason_;
  if (room && session_waits_ && owner_.output_writable()) {
    session_waits_ = false;
    machine_->on_writable();
    more = more || !deliveries_.empty();
  }
  return more;
}

bool BrokerClient::tell_end() {
  if (!end_reason_ || end_told_ || !output_.empty()) return false;
  state_ = State::ended;
  end_told_ = true;
  operations_.clear();
  deliveries_.clear();
  delivered_.clear();
  owner_.on_ended(*end_reason_);
  return true;
}

}  // namespace patchbay::plugin_protocols
