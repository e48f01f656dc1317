#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/codec/encoder.h"
#include "mqtt/packets/any_packet.h"
#include "mqtt/protocol_version.h"
#include "session/connection_port.h"
#include "session/mqtt_machine.h"
#include "support/flow_harness.h"

namespace patchbay::test {

struct ConnectOptions {
  std::string client_id = "client";
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  bool clean_start = true;
  std::string user_name;
  std::string password;
  uint16_t keep_alive_s = 60;
  uint32_t session_expiry_interval_s = 0;
  uint32_t receive_maximum = 65535;
  uint32_t maximum_packet_size = 0;  ///< 0: not sent
  uint16_t topic_alias_maximum = 0;
  std::string authentication_method;
  std::string authentication_data;
  bool has_will = false;
  std::string will_topic = "will";
  std::string will_payload = "gone";
  mqtt::Qos will_qos = mqtt::Qos::at_most_once;
  bool will_retain = false;
  uint32_t will_delay_interval_s = 0;
  /// Last changes to the packet before it is encoded.
  std::function<void(mqtt::Connect&)> adjust;
};

/// A PUBLISH as a client got it, owned.
struct ReceivedPublish {
  std::string topic;
  std::string payload;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  bool dup = false;
  uint16_t packet_id = 0;
  uint16_t topic_alias = 0;
  std::optional<uint32_t> message_expiry_interval_s;
  std::vector<uint32_t> subscription_identifiers;
  std::vector<std::pair<std::string, std::string>> user_properties;
  std::string response_topic;
  std::string correlation_data;
  std::string content_type;
  std::optional<uint8_t> payload_format_indicator;
};

/// Any other packet of the server, by type and the fields that tests look at.
struct ReceivedPacket {
  mqtt::PacketType type{};
  mqtt::ReasonCode reason{};
  uint16_t packet_id = 0;
  bool session_present = false;
  std::vector<uint8_t> reason_codes;
  mqtt::Properties properties;  ///< views into `bytes`
  std::shared_ptr<std::vector<uint8_t>> bytes;
};

/// One client connection: a real MqttMachine on a port that keeps what it is asked for. Starts on `first_shard` and
/// moves like a real connection.
class TestClient final : public session::ConnectionPort {
 public:
  explicit TestClient(FlowHarness& harness, base::ShardId first_shard = 0);
  ~TestClient() override;

  /// Connects and returns the CONNACK.
  ReceivedPacket connect(const ConnectOptions& options = {});
  /// Sends CONNECT without expecting an answer.
  void send_connect(const ConnectOptions& options);
  ReceivedPacket subscribe(std::string_view topic_filter, mqtt::Qos qos = mqtt::Qos::exactly_once,
                           uint32_t subscription_identifier = 0, mqtt::SubscriptionOptions options = {});
  ReceivedPacket unsubscribe(std::string_view topic_filter);
  void publish(std::string_view topic, std::string_view payload, mqtt::Qos qos = mqtt::Qos::at_most_once,
               bool retain = false, uint16_t packet_id = 0, bool dup = false);
  void publish(const mqtt::Publish& packet);
  void acknowledge(mqtt::PacketType type, uint16_t packet_id, mqtt::ReasonCode reason = mqtt::ReasonCode::success);
  void ping();
  /// SUBSCRIBE with several filters; returns the SUBACK.
  ReceivedPacket subscribe_all(const std::vector<std::pair<std::string, mqtt::Qos>>& topic_filters);
  void send_subscribe(std::string_view topic_filter, mqtt::Qos qos = mqtt::Qos::exactly_once,
                      uint32_t subscription_identifier = 0, mqtt::SubscriptionOptions options = {});
  /// Acknowledges what publishes() returned, to the end of each flow; returns how many flows there were.
  size_t acknowledge_all(const std::vector<ReceivedPublish>& publishes);
  void disconnect(mqtt::ReasonCode reason = mqtt::ReasonCode::success,
                  std::optional<uint32_t> session_expiry_interval_s = {});
  /// An operator, or the node's end.
  void kick(session::CloseReason reason);
  /// The network fails.
  void drop();
  void send_bytes(std::vector<uint8_t> bytes);
  template <class Packet>
  void send(const Packet& packet) {
    std::vector<uint8_t> bytes(mqtt::encoded_size(packet, version_));
    mqtt::encode(packet, version_, bytes);
    send_bytes(std::move(bytes));
  }
  /// The same without letting the other shards run.
  template <class Packet>
  void send_unsettled(const Packet& packet) {
    std::vector<uint8_t> bytes(mqtt::encoded_size(packet, version_));
    mqtt::encode(packet, version_, bytes);
    unread_.insert(unread_.end(), bytes.begin(), bytes.end());
    process();
  }

  /// What came since it was last asked for.
  std::vector<ReceivedPublish> publishes();
  /// Exactly one PUBLISH came; fails the test otherwise.
  ReceivedPublish one_publish();
  /// The next packet that is no PUBLISH; fails the test when there is none.
  ReceivedPacket next_packet();
  [[nodiscard]] bool has_packets();
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] session::CloseReason close_reason() const { return close_reason_; }
  [[nodiscard]] bool reading_paused() const { return paused_; }
  [[nodiscard]] base::ShardId shard() const { return shard_; }

  /// Makes writable() false until take_again(): a client that does not read.
  void stop_taking() {
    taking_ = false;
    high_water_ = 0;
  }
  void take_again();
  void set_certificate(const session::PeerCertificate& certificate) { peer_.certificate = &certificate; }
  void set_peer_loopback(bool loopback) { peer_.loopback = loopback; }
  [[nodiscard]] session::ListenerInfo& listener() { return listener_; }

  // ConnectionPort
  void close(session::CloseReason reason) override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void move_to(base::ShardId shard) override { move_target_ = shard; }
  [[nodiscard]] const session::PeerInfo& peer() const override { return peer_; }
  void pack(std::unique_ptr<session::MachineLuggage> luggage) override { luggage_ = std::move(luggage); }
  [[nodiscard]] session::MachineLuggage* luggage() const override { return luggage_.get(); }
  void set_allowance(const access::ConnectionAllowance& allowance) override { allowance_ = allowance; }
  [[nodiscard]] uint32_t packet_limit(uint32_t configured) const override {
    return allowance_.maximum_packet_size == 0 ? configured : allowance_.maximum_packet_size;
  }
  [[nodiscard]] session::TransferTraffic transfers() const override { return transfers_; }
  void set_transfers(session::TransferTraffic transfers) { transfers_ = transfers; }
  /// How much the broker lets this connection send.
  [[nodiscard]] const access::ConnectionAllowance& allowance() const { return allowance_; }

 protected:
  void want_flush() override { flush_wanted_ = true; }

 private:
  void process();
  bool process_once();
  void poll();
  void collect();
  void take_packet(uint8_t first_byte, std::span<const uint8_t> body);

  FlowHarness& harness_;
  base::ShardId shard_;
  session::OutputChunkPool chunks_;
  session::ListenerInfo listener_;
  session::PeerInfo peer_;
  std::unique_ptr<session::MqttMachine> machine_;
  std::unique_ptr<session::MachineLuggage> luggage_;
  access::ConnectionAllowance allowance_;
  session::TransferTraffic transfers_;  ///< what a test says
  std::vector<uint8_t> unread_;
  std::vector<uint8_t> received_;
  std::vector<ReceivedPublish> publishes_;
  std::vector<ReceivedPacket> packets_;
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v5;
  uint16_t next_packet_id_ = 1;
  base::ShardId move_target_ = base::kNoShard;
  bool paused_ = false;
  bool closed_ = false;
  bool taking_ = true;
  session::CloseReason close_reason_ = session::CloseReason::normal;
};

}  // namespace patchbay::test
