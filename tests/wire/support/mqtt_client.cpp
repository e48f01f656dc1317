#include "wire/support/mqtt_client.h"

#include <algorithm>
#include <stdexcept>

#include "wire/support/fields.h"

namespace patchbay::wire {
namespace {

/// Takes the first packet off `bytes`, where it is complete.
std::optional<Packet> take_packet(Bytes& bytes) {
  size_t length = 0;
  size_t header = 1;
  for (unsigned shift = 0;; shift += 7, ++header) {
    if (header >= bytes.size()) return std::nullopt;
    if (header > 4) throw std::runtime_error("the broker sent an overlong packet length");
    const auto byte = static_cast<uint8_t>(bytes[header]);
    length |= size_t{byte & 0x7Fu} << shift;
    if (byte < 0x80) break;
  }
  ++header;
  if (bytes.size() < header + length) return std::nullopt;
  const auto first = static_cast<uint8_t>(bytes[0]);
  Packet packet{static_cast<uint8_t>(first >> 4), static_cast<uint8_t>(first & 0x0F), bytes.substr(header, length)};
  bytes.erase(0, header + length);
  return packet;
}

}  // namespace

MqttClient::MqttClient(uint16_t port, ConnectOptions options, int receive_buffer_bytes)
    : options_(std::move(options)), socket_(port, receive_buffer_bytes) {}

MqttClient MqttClient::connected(uint16_t port, ConnectOptions options) {
  MqttClient client(port, std::move(options));
  const Connack connack = client.connect();
  if (connack.reason_code != 0) {
    throw std::runtime_error("CONNECT was refused with " + std::to_string(connack.reason_code));
  }
  return client;
}

Connack MqttClient::connect() {
  send(connect_packet(options_));
  connack_ = read_connack(options_.version, expect(packet_type::kConnack));
  return connack_;
}

Acknowledgement MqttClient::subscribe(const std::vector<Subscription>& subscriptions, const Properties& properties) {
  const uint16_t packet_id = next_packet_id();
  send(subscribe_packet(options_.version, packet_id, subscriptions, properties));
  Acknowledgement answer = read_acknowledgement(options_.version, expect(packet_type::kSuback));
  if (answer.packet_id != packet_id) throw std::runtime_error("SUBACK has another packet identifier");
  return answer;
}

Acknowledgement MqttClient::unsubscribe(const std::vector<std::string>& topic_filters) {
  const uint16_t packet_id = next_packet_id();
  send(unsubscribe_packet(options_.version, packet_id, topic_filters));
  Acknowledgement answer = read_acknowledgement(options_.version, expect(packet_type::kUnsuback));
  if (answer.packet_id != packet_id) throw std::runtime_error("UNSUBACK has another packet identifier");
  return answer;
}

uint8_t MqttClient::publish(Publish message) {
  if (message.qos > 0 && message.packet_id == 0) message.packet_id = next_packet_id();
  send(publish_packet(options_.version, message));
  if (message.qos == 0) return 0;
  const uint8_t answer_type = message.qos == 1 ? packet_type::kPuback : packet_type::kPubrec;
  const Acknowledgement answer = read_acknowledgement(options_.version, expect(answer_type));
  if (answer.packet_id != message.packet_id) throw std::runtime_error("an answer has another packet identifier");
  if (message.qos == 2 && answer.reason_codes[0] < 0x80) {
    acknowledge(packet_type::kPubrel, message.packet_id);
    const Acknowledgement done = read_acknowledgement(options_.version, expect(packet_type::kPubcomp));
    if (done.packet_id != message.packet_id) throw std::runtime_error("PUBCOMP has another packet identifier");
  }
  return answer.reason_codes[0];
}

uint8_t MqttClient::publish(const std::string& topic, const std::string& payload, uint8_t qos, bool retain) {
  return publish({.topic = topic, .payload = payload, .qos = qos, .retain = retain});
}

Publish MqttClient::receive(milliseconds patience) {
  if (!pump(Deadline(patience), [&] { return !messages_.empty(); })) {
    throw std::runtime_error(options_.client_id + ": no message came in time");
  }
  Publish message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

std::vector<std::string> MqttClient::receive_payloads(size_t count) {
  std::vector<std::string> payloads;
  while (payloads.size() < count) payloads.push_back(receive().payload);
  return payloads;
}

bool MqttClient::quiet(milliseconds length) {
  return !pump(Deadline(length), [&] { return !messages_.empty(); }) && !ended_;
}

Packet MqttClient::expect(uint8_t type, milliseconds patience) {
  const auto of_type = [&](const Packet& packet) { return packet.type == type; };
  const auto find = [&] { return std::find_if(others_.begin(), others_.end(), of_type); };
  if (!pump(Deadline(patience), [&] { return find() != others_.end(); })) {
    std::string text = options_.client_id + ": no packet of type " + std::to_string(type) + " came in time";
    for (const Packet& other : others_) text += ", but one of type " + std::to_string(other.type);
    throw std::runtime_error(text + (ended_ ? ", and the broker closed" : ""));
  }
  const auto found = find();
  Packet packet = std::move(*found);
  others_.erase(found);
  return packet;
}

Disconnect MqttClient::expect_disconnect(milliseconds patience) {
  const Disconnect answer = read_disconnect(expect(packet_type::kDisconnect, patience));
  if (!closed()) throw std::runtime_error("the broker said DISCONNECT and did not close, or sent more");
  return answer;
}

bool MqttClient::closed(milliseconds patience) {
  const size_t before = others_.size();
  pump(Deadline(patience), [&] { return others_.size() > before; });
  return ended_ && others_.size() == before;
}

void MqttClient::ping() {
  send(pingreq_packet());
  expect(packet_type::kPingresp);
}

void MqttClient::acknowledge(uint8_t type, uint16_t packet_id, uint8_t reason_code) {
  send(acknowledgement_packet(options_.version, type, packet_id, reason_code));
}

void MqttClient::disconnect(uint8_t reason_code, const Properties& properties) {
  send(disconnect_packet(options_.version, reason_code, properties));
  if (!socket_.closed_by_peer()) throw std::runtime_error("the broker did not close after DISCONNECT");
}

std::optional<Packet> MqttClient::read_packet(const Deadline& deadline) {
  for (;;) {
    if (std::optional<Packet> packet = take_packet(unread_)) return packet;
    if (ended_ || !socket_.readable(milliseconds(deadline.left_ms()))) return std::nullopt;
    const Bytes more = socket_.receive_some();
    if (more.empty()) ended_ = true;
    unread_ += more;
  }
}

bool MqttClient::pump(const Deadline& deadline, const std::function<bool()>& found) {
  while (!found()) {
    std::optional<Packet> packet = read_packet(deadline);
    if (!packet) return false;
    take(std::move(*packet));
  }
  return true;
}

void MqttClient::take(Packet packet) {
  if (packet.type == packet_type::kPublish) {
    Publish message = read_publish(options_.version, packet);
    if (automatic_ && message.qos == 1) acknowledge(packet_type::kPuback, message.packet_id);
    if (automatic_ && message.qos == 2) acknowledge(packet_type::kPubrec, message.packet_id);
    messages_.push_back(std::move(message));
    return;
  }
  if (automatic_ && packet.type == packet_type::kPubrel) {
    acknowledge(packet_type::kPubcomp, read_acknowledgement(options_.version, packet).packet_id);
    return;
  }
  others_.push_back(std::move(packet));
}

}  // namespace patchbay::wire
