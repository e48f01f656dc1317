#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mqtt/codec/decoder.h"
#include "mqtt/packets/any_packet.h"
#include "session/client_channel.h"
#include "session/connection_port.h"
#include "session/mqtt_machine.h"
#include "session/session_environment.h"

namespace patchbay::plugin_protocols {

/// What a client asks for at its connect.
struct ConnectRequest {
  std::string client_id;  ///< empty: one is assigned
  std::string username;
  std::optional<std::string> password;
  uint16_t keep_alive_s = 0;
  bool clean_start = false;
  uint32_t session_expiry_interval_s = 0;
  uint16_t receive_maximum = 65'535;
  mqtt::MessageRef will;  ///< null: none
  uint32_t will_delay_interval_s = 0;
};

/// What became of an operation.
struct OperationResult {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  bool session_present = false;
  uint8_t granted_qos = 0;
  uint32_t receivers = 0;
  std::string text;
};

/// A message for the client.
struct ClientDelivery {
  mqtt::MessageRef message;
  uint64_t id = 0;  ///< names it for acknowledge(); 0 with QoS 0
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  bool redelivered = false;
  uint16_t packet_id = 0;
  uint32_t subscription_id = 0;                            ///< 0: none
  std::unique_ptr<std::vector<uint32_t>> overlapping_ids;  ///< where several subscriptions match: all of them

  [[nodiscard]] std::span<const uint32_t> subscription_ids() const {
    if (overlapping_ids) return *overlapping_ids;
    return {&subscription_id, static_cast<size_t>(subscription_id == 0 ? 0 : 1)};
  }
};

/// Whose client it is: told of what comes, from within BrokerClient::run() only, except where marked. [shard]
class ClientOwner {
 public:
  virtual ~ClientOwner() = default;
  virtual void on_result(uint64_t operation, const OperationResult& result) = 0;
  /// Returns how many were taken; the others come again after BrokerClient::on_writable().
  virtual size_t on_deliver(std::span<const ClientDelivery> deliveries) = 0;
  /// The client is connected no longer: refused, kicked, taken over, or by its own disconnect().
  virtual void on_ended(session::CloseReason reason) = 0;
  /// run() has something to do. At any time; must not call run() itself.
  virtual void wants_run() = 0;
  /// The session of the client lives on another shard: the connection is to go there. At any time.
  virtual void move_to(base::ShardId shard) = 0;
  /// Whether the client takes more output now. At any time.
  [[nodiscard]] virtual bool output_writable() = 0;
  /// What has gone over its connection. At any time.
  [[nodiscard]] virtual session::TransferTraffic transfers() const = 0;
  /// How much the client may send from now on. At any time.
  virtual void set_allowance(const access::ConnectionAllowance& allowance) = 0;
};

/// A client of the broker whose protocol somebody else speaks. Its operations become MQTT 5 packets for an MqttMachine
/// of its own, so that what is decided about MQTT clients is decided about it by the same code: access, take-over,
/// sessions, wills, hooks, limits. What the session sends comes as messages, not as packets. [shard]
class BrokerClient final : private session::ConnectionPort, private session::ClientChannel {
 public:
  static constexpr size_t kMaximumOperations = 1'024;          ///< that wait; more: BUSY
  static constexpr size_t kMaximumOperationBytes = 16u << 20;  ///< of their packets
  static constexpr size_t kDeliveries = 64;                    ///< handed over at once, and kept when not taken

  enum class Taken : uint8_t { ok, invalid, closed, busy, too_large };

  /// `peer` and the name must outlive this; the name also all clients.
  BrokerClient(ClientOwner& owner, const session::PeerInfo& peer, std::string_view protocol_name,
               uint8_t protocol_version);
  BrokerClient(const BrokerClient&) = delete;
  BrokerClient& operator=(const BrokerClient&) = delete;
  ~BrokerClient() override;

  /// Before connect(): the version that observers see.
  void set_protocol_version(uint8_t version) { adapter_.protocol_version = version; }
  /// The shard whose sessions it works with, from here on. Before anything else, and after a move.
  void arrive(session::SessionEnvironment& environment);
  /// It leaves this shard, for good or for another one.
  void leave();

  // Each is answered by on_result(), out of run().
  [[nodiscard]] Taken connect(const ConnectRequest& request, uint64_t operation);
  [[nodiscard]] Taken publish(const mqtt::Message& message, uint64_t operation);
  [[nodiscard]] Taken subscribe(std::string_view topic_filter, uint8_t maximum_qos, bool no_local,
                                uint32_t subscription_id, uint64_t operation);
  [[nodiscard]] Taken unsubscribe(std::string_view topic_filter, uint64_t operation);

  /// False: there is no such delivery (any more).
  [[nodiscard]] bool acknowledge(uint64_t delivery, mqtt::ReasonCode reason);
  /// How many deliveries may be unacknowledged.
  void set_credit(uint32_t receive_maximum);
  [[nodiscard]] Taken disconnect(bool with_will);
  /// The client has sent something.
  void heard() {
    if (machine_ != nullptr) machine_->heard();
  }
  /// There is room again for output, or for deliveries.
  void on_writable();
  /// An operator wants it gone, or the node.
  void kick(session::CloseReason reason);
  /// Its connection has ended.
  void on_closed(session::CloseReason reason);

  /// Does what has become possible, until nothing is left. Not from within a call to the owner.
  void run();
  [[nodiscard]] bool running() const { return running_; }
  [[nodiscard]] bool connected() const { return state_ == State::connected; }
  /// Whether an answer is awaited before more can be done: whoever reads from the client should stop.
  [[nodiscard]] bool waiting() const {
    return paused_ || state_ == State::connecting || operations_.size() >= kMaximumOperations / 2;
  }
  /// The client as hooks see it; null before it is connected.
  [[nodiscard]] const access::ClientInfo* info() const { return connected() ? machine_->client() : nullptr; }

 private:
  enum class State : uint8_t { idle, connecting, connected, ended };
  struct Operation {
    mqtt::PacketType type{};
    uint64_t id = 0;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    uint16_t packet_id = 0;
    std::vector<uint8_t> packet;
  };

  // ConnectionPort, for the machine
  void close(session::CloseReason reason) override;
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  void move_to(base::ShardId shard) override;
  [[nodiscard]] const session::PeerInfo& peer() const override { return peer_; }
  void pack(std::unique_ptr<session::MachineLuggage> luggage) override { luggage_ = std::move(luggage); }
  [[nodiscard]] session::MachineLuggage* luggage() const override { return luggage_.get(); }
  [[nodiscard]] const session::ProtocolAdapter* adapter() const override { return &adapter_; }
  void set_allowance(const access::ConnectionAllowance& allowance) override { owner_.set_allowance(allowance); }
  [[nodiscard]] uint32_t packet_limit(uint32_t configured) const override { return configured; }
  void want_flush() override { flush_wanted_ = true; }

  // ClientChannel, for the session
  [[nodiscard]] bool ready() const override;
  [[nodiscard]] uint16_t send_window() const override { return credit_; }
  [[nodiscard]] bool send_publish(const session::OutboundMessage& outbound, bool dup,
                                  session::PublishImages* images) override;
  [[nodiscard]] bool send_and_forget(session::OutboundMessage& outbound, session::PublishImages*) override;
  void send_pubrel(uint16_t packet_id) override;
  void end(session::CloseReason reason) override { machine_->end(reason); }
  void disconnect(mqtt::ReasonCode reason) override { machine_->disconnect(reason); }
  void client_changed(const access::ClientInfoRef& client) override { machine_->client_changed(client); }
  void forget_decisions() override { machine_->forget_decisions(); }
  [[nodiscard]] const access::DecisionCache* decisions() const override { return machine_->decisions(); }
  [[nodiscard]] session::PacketTraffic traffic() const override { return machine_->traffic(); }
  [[nodiscard]] session::TransferTraffic transfers() const override { return owner_.transfers(); }  // of both roles
  void set_keep_alive(uint16_t keep_alive_s) override { machine_->set_keep_alive(keep_alive_s); }

  void make_machine();
  [[nodiscard]] Taken check_room(size_t packet_size) const;
  template <class Packet>
  void add_operation(const Packet& packet, Operation operation);
  template <class Packet>
  void add_answer(const Packet& packet);
  void add_acknowledgement(mqtt::PacketType type, uint16_t packet_id, mqtt::ReasonCode reason);
  [[nodiscard]] uint16_t new_packet_id();

  [[nodiscard]] bool feed();
  void feed_operation();
  [[nodiscard]] bool settle_unacknowledged();
  [[nodiscard]] bool read_output();
  void take_packet(const mqtt::AnyPacket& packet);
  void take(const mqtt::Connack& packet);
  void take(const mqtt::Acknowledgement& packet);
  void take(const mqtt::Suback& packet);
  void take(const mqtt::Unsuback& packet);
  void answer(uint16_t packet_id, OperationResult result);
  void add_delivery(const session::OutboundMessage& outbound, mqtt::MessageRef&& message, bool dup);
  [[nodiscard]] bool hand_over_deliveries();
  [[nodiscard]] bool tell_end();

  ClientOwner& owner_;
  const session::PeerInfo& peer_;
  session::ProtocolAdapter adapter_;
  session::SessionEnvironment* environment_ = nullptr;
  std::unique_ptr<session::MqttMachine> machine_;
  session::OutputChunkPool chunks_;
  std::unique_ptr<session::MachineLuggage> luggage_;

  State state_ = State::idle;
  std::deque<Operation> operations_;  ///< not given to the machine yet
  size_t operation_bytes_ = 0;
  std::deque<std::vector<uint8_t>> answers_;       ///< acknowledgements, which go before operations
  std::unordered_map<uint16_t, Operation> asked_;  ///< by packet identifier
  std::optional<uint64_t> unacknowledged_;  ///< a PUBLISH of QoS 0 that the machine has, and that nobody acknowledges
  uint64_t connect_operation_ = 0;
  uint32_t unanswered_publishes_ = 0;  ///< QoS 1 and 2
  uint32_t server_receive_maximum_ = 65'535;
  uint32_t maximum_packet_size_ = 0xFFFFFFFF;
  uint16_t next_packet_id_ = 1;

  std::vector<ClientDelivery> deliveries_;  ///< never added to while the owner is being told of them
  std::unordered_map<uint64_t, std::pair<uint16_t, mqtt::Qos>> delivered_;  ///< not acknowledged yet
  uint64_t next_delivery_ = 1;
  uint16_t credit_ = 65'535;
  mutable bool session_waits_ = false;  ///< the session has been told that there is no room
  bool blocked_ = false;                ///< the owner has left deliveries
  bool paused_ = false;                 ///< the machine waits for an answer
  bool moving_ = false;
  bool running_ = false;
  bool end_told_ = false;
  std::optional<session::CloseReason> end_reason_;
};

}  // namespace patchbay::plugin_protocols
