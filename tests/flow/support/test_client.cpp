#include "support/test_client.h"

#include <stdexcept>
#include <utility>

#include "mqtt/codec/decoder.h"
#include "mqtt/codec/packet_framer.h"
#include "mqtt/codec/property_codec.h"

namespace patchbay::test {

using mqtt::PropertyId;
using mqtt::Qos;

TestClient::TestClient(FlowHarness& harness, base::ShardId first_shard) : harness_(harness), shard_(first_shard) {
  pool_ = &chunks_;
  listener_.id = "tcp:default";
  listener_.loopback_bind = true;
  peer_.listener = &listener_;
  peer_.loopback = true;
  peer_.address[10] = peer_.address[11] = 0xFF;
  peer_.address[12] = 127;
  peer_.address[15] = 1;
  peer_.port = 40'000;
  harness_.turn(shard_,
                [this] { machine_ = std::make_unique<session::MqttMachine>(harness_.environment(shard_), *this); });
}

TestClient::~TestClient() {
  if (machine_) {
    harness_.turn(shard_, [this] {
      if (!closed_) machine_->on_closed(session::CloseReason::peer_closed);
      machine_.reset();
    });
  }
  output_.clear(chunks_);
}

void TestClient::send_connect(const ConnectOptions& options) {
  version_ = options.version;
  mqtt::Connect connect;
  connect.version = options.version;
  connect.clean_start = options.clean_start;
  connect.client_id = options.client_id;
  connect.keep_alive_s = options.keep_alive_s;
  connect.has_user_name = !options.user_name.empty();
  connect.user_name = options.user_name;
  connect.has_password = !options.password.empty();
  connect.password = options.password;
  const bool v5 = options.version == mqtt::ProtocolVersion::v5;
  if (v5 && options.session_expiry_interval_s != 0)
    connect.properties.set(PropertyId::session_expiry_interval, options.session_expiry_interval_s);
  if (v5 && options.receive_maximum != 65535)
    connect.properties.set(PropertyId::receive_maximum, options.receive_maximum);
  if (v5 && options.maximum_packet_size != 0)
    connect.properties.set(PropertyId::maximum_packet_size, options.maximum_packet_size);
  if (v5 && options.topic_alias_maximum != 0)
    connect.properties.set(PropertyId::topic_alias_maximum, options.topic_alias_maximum);
  if (!options.authentication_method.empty())
    connect.properties.set(PropertyId::authentication_method, options.authentication_method);
  if (!options.authentication_data.empty())
    connect.properties.set(PropertyId::authentication_data, options.authentication_data);
  connect.has_will = options.has_will;
  if (options.has_will) {
    connect.will.topic = options.will_topic;
    connect.will.payload = {reinterpret_cast<const uint8_t*>(options.will_payload.data()), options.will_payload.size()};
    connect.will.qos = options.will_qos;
    connect.will.retain = options.will_retain;
    if (v5 && options.will_delay_interval_s != 0)
      connect.will.properties.set(PropertyId::will_delay_interval, options.will_delay_interval_s);
  }
  if (options.adjust) options.adjust(connect);
  std::vector<uint8_t> bytes(mqtt::encoded_size(connect));
  mqtt::encode(connect, bytes);
  send_bytes(std::move(bytes));
}

ReceivedPacket TestClient::connect(const ConnectOptions& options) {
  send_connect(options);
  return next_packet();
}

ReceivedPacket TestClient::subscribe(std::string_view topic_filter, Qos qos, uint32_t subscription_identifier,
                                     mqtt::SubscriptionOptions options) {
  send_subscribe(topic_filter, qos, subscription_identifier, options);
  return next_packet();
}

ReceivedPacket TestClient::subscribe_all(const std::vector<std::pair<std::string, Qos>>& topic_filters) {
  std::vector<uint8_t> list;
  for (const auto& [topic_filter, qos] : topic_filters) {
    mqtt::SubscriptionOptions options;
    options.maximum_qos = qos;
    mqtt::append_subscription(list, {topic_filter, options});
  }
  mqtt::Subscribe packet;
  packet.packet_id = next_packet_id_++;
  packet.subscriptions = {list, static_cast<uint32_t>(topic_filters.size())};
  send(packet);
  return next_packet();
}

void TestClient::send_subscribe(std::string_view topic_filter, Qos qos, uint32_t subscription_identifier,
                                mqtt::SubscriptionOptions options) {
  std::vector<uint8_t> list;
  options.maximum_qos = qos;
  mqtt::append_subscription(list, {topic_filter, options});
  mqtt::Subscribe packet;
  packet.packet_id = next_packet_id_++;
  packet.subscriptions = {list, 1};
  if (subscription_identifier != 0) packet.properties.set(PropertyId::subscription_identifier, subscription_identifier);
  send(packet);
}

ReceivedPacket TestClient::unsubscribe(std::string_view topic_filter) {
  std::vector<uint8_t> list;
  mqtt::append_topic_filter(list, topic_filter);
  mqtt::Unsubscribe packet;
  packet.packet_id = next_packet_id_++;
  packet.topic_filters = {list, 1};
  send(packet);
  return next_packet();
}

void TestClient::publish(std::string_view topic, std::string_view payload, Qos qos, bool retain, uint16_t packet_id,
                         bool dup) {
  mqtt::Publish packet;
  packet.topic = topic;
  packet.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  packet.qos = qos;
  packet.retain = retain;
  packet.dup = dup;
  if (qos != Qos::at_most_once) packet.packet_id = packet_id != 0 ? packet_id : next_packet_id_++;
  publish(packet);
}

void TestClient::publish(const mqtt::Publish& packet) {
  send(packet);
}

void TestClient::acknowledge(mqtt::PacketType type, uint16_t packet_id, mqtt::ReasonCode reason) {
  mqtt::Acknowledgement packet;
  packet.type = type;
  packet.packet_id = packet_id;
  packet.reason_code = reason;
  send(packet);
}

void TestClient::ping() {
  send(mqtt::Pingreq{});
}

void TestClient::disconnect(mqtt::ReasonCode reason, std::optional<uint32_t> session_expiry_interval_s) {
  mqtt::Disconnect packet;
  packet.reason_code = reason;
  if (session_expiry_interval_s) packet.properties.set(PropertyId::session_expiry_interval, *session_expiry_interval_s);
  send(packet);
}

void TestClient::drop() {
  harness_.turn(shard_, [this] {
    closed_ = true;
    close_reason_ = session::CloseReason::peer_closed;
    machine_->on_closed(close_reason_);
    machine_.reset();
  });
  harness_.settle();
}

void TestClient::kick(session::CloseReason reason) {
  harness_.turn(shard_, [this, reason] { machine_->on_kick(reason); });
  harness_.settle();
}

void TestClient::send_bytes(std::vector<uint8_t> bytes) {
  unread_.insert(unread_.end(), bytes.begin(), bytes.end());
  poll();
}

/// Lets everything happen that can: mail, and the bytes that a paused connection has kept.
void TestClient::poll() {
  do {
    process();
    harness_.settle();
  } while (process_once());
  collect();
}

void TestClient::process() {
  while (process_once()) {
  }
}

bool TestClient::process_once() {
  if (closed_ || !machine_ || paused_ || unread_.empty()) return false;
  size_t consumed = 0;
  harness_.turn(shard_, [this, &consumed] {
    size_t need = 0;
    consumed = machine_->on_bytes(unread_, need);
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(consumed));
  });
  if (move_target_ == base::kNoShard) return consumed > 0;
  harness_.turn(shard_, [this] { machine_.reset(); });
  shard_ = std::exchange(move_target_, base::kNoShard);
  harness_.turn(shard_,
                [this] { machine_ = std::make_unique<session::MqttMachine>(harness_.environment(shard_), *this); });
  return true;
}

void TestClient::resume_reading() {
  paused_ = false;
}

void TestClient::close(session::CloseReason reason) {
  if (closed_) return;
  closed_ = true;
  close_reason_ = reason;
}

void TestClient::take_again() {
  taking_ = true;
  high_water_ = 64 * 1024;
  collect();
  harness_.turn(shard_, [this] { machine_->on_writable(); });
  harness_.settle();
}

void TestClient::collect() {
  if (!taking_) return;
  flush_wanted_ = false;
  while (!output_.empty()) {
    std::span<const uint8_t> pieces[8];
    const size_t count = output_.gather(pieces);
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) {
      received_.insert(received_.end(), pieces[i].begin(), pieces[i].end());
      size += pieces[i].size();
    }
    output_.consume(chunks_, size);
  }
  size_t offset = 0;
  for (;;) {
    const mqtt::Frame frame = mqtt::frame_next(std::span<const uint8_t>(received_).subspan(offset), 0xFFFFFFFF);
    if (frame.status != mqtt::Frame::Status::complete) break;
    take_packet(frame.first_byte, frame.body);
    offset += frame.total_size;
  }
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(offset));
}

namespace {

ReceivedPublish owned(const mqtt::Publish& publish) {
  ReceivedPublish copy;
  copy.topic = publish.topic;
  copy.payload.assign(publish.payload.begin(), publish.payload.end());
  copy.qos = publish.qos;
  copy.retain = publish.retain;
  copy.dup = publish.dup;
  copy.packet_id = publish.packet_id;
  copy.topic_alias = publish.properties.topic_alias;
  if (publish.properties.has_message_expiry_interval)
    copy.message_expiry_interval_s = publish.properties.message_expiry_interval_s;
  uint32_t identifier = 0;
  for (auto reader = publish.properties.subscription_identifiers(); reader.next(identifier);)
    copy.subscription_identifiers.push_back(identifier);
  mqtt::UserProperty property;
  for (auto reader = publish.properties.user_properties(); reader.next(property);)
    copy.user_properties.emplace_back(property.name, property.value);
  copy.response_topic = publish.properties.response_topic();
  copy.correlation_data = publish.properties.correlation_data();
  copy.content_type = publish.properties.content_type();
  if (publish.properties.has_payload_format_indicator)
    copy.payload_format_indicator = publish.properties.payload_format_indicator;
  return copy;
}

struct Taker {
  ReceivedPacket& into;
  void operator()(const mqtt::Connack& packet) const {
    into.reason = packet.reason_code;
    into.session_present = packet.session_present;
    into.properties = packet.properties;
  }
  void operator()(const mqtt::Acknowledgement& packet) const {
    into.reason = packet.reason_code;
    into.packet_id = packet.packet_id;
    if (packet.has_reason_string) into.properties.set(PropertyId::reason_string, packet.reason_string);
    into.properties.set_user_properties(packet.block, packet.user_property_count);
  }
  void operator()(const mqtt::Suback& packet) const {
    into.packet_id = packet.packet_id;
    into.reason_codes.assign(packet.reason_codes.begin(), packet.reason_codes.end());
    into.properties = packet.properties;
  }
  void operator()(const mqtt::Unsuback& packet) const {
    into.packet_id = packet.packet_id;
    into.reason_codes.assign(packet.reason_codes.begin(), packet.reason_codes.end());
    into.properties = packet.properties;
  }
  void operator()(const mqtt::Disconnect& packet) const {
    into.reason = packet.reason_code;
    into.properties = packet.properties;
  }
  void operator()(const mqtt::Auth& packet) const {
    into.reason = packet.reason_code;
    into.properties = packet.properties;
  }
  template <class Other>
  void operator()(const Other&) const {}
};

}  // namespace

void TestClient::take_packet(uint8_t first_byte, std::span<const uint8_t> body) {
  ReceivedPacket packet;
  packet.type = mqtt::packet_type_of(first_byte);
  packet.bytes = std::make_shared<std::vector<uint8_t>>(body.begin(), body.end());
  const auto decoded = mqtt::decode_packet(first_byte, *packet.bytes, version_, mqtt::Sender::server);
  if (!decoded) throw std::runtime_error(std::string("the broker sent a malformed packet: ") + decoded.error().clause);
  if (const auto* publish = std::get_if<mqtt::Publish>(&*decoded)) {
    publishes_.push_back(owned(*publish));
    return;
  }
  std::visit(Taker{packet}, *decoded);
  packets_.push_back(std::move(packet));
}

bool TestClient::has_packets() {
  poll();
  return !packets_.empty();
}

size_t TestClient::acknowledge_all(const std::vector<ReceivedPublish>& publishes) {
  size_t sent = 0;
  for (const ReceivedPublish& publish : publishes) {
    if (publish.qos == Qos::at_most_once) continue;
    ++sent;
    if (publish.qos == Qos::at_least_once) {
      acknowledge(mqtt::PacketType::puback, publish.packet_id);
    } else {
      acknowledge(mqtt::PacketType::pubrec, publish.packet_id);
      const ReceivedPacket released = next_packet();
      if (released.type != mqtt::PacketType::pubrel || released.packet_id != publish.packet_id)
        throw std::runtime_error("expected PUBREL");
      acknowledge(mqtt::PacketType::pubcomp, publish.packet_id);
    }
  }
  return sent;
}

std::vector<ReceivedPublish> TestClient::publishes() {
  poll();
  return std::exchange(publishes_, {});
}

ReceivedPublish TestClient::one_publish() {
  std::vector<ReceivedPublish> all = publishes();
  if (all.size() != 1) throw std::runtime_error("expected one PUBLISH, got " + std::to_string(all.size()));
  return all.front();
}

ReceivedPacket TestClient::next_packet() {
  poll();
  if (packets_.empty()) throw std::runtime_error("expected a packet, got none");
  ReceivedPacket packet = std::move(packets_.front());
  packets_.erase(packets_.begin());
  return packet;
}

}  // namespace patchbay::test
