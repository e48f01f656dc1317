#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "access/client_info.h"
#include "base/chain.h"
#include "base/timer_wheel.h"
#include "mqtt/codec/decode_error.h"
#include "mqtt/codec/encoder.h"
#include "mqtt/codec/publish_head.h"
#include "mqtt/packet_type.h"
#include "mqtt/packets/connect.h"
#include "mqtt/packets/publish.h"
#include "mqtt/protocol_version.h"
#include "mqtt/reason_code.h"
#include "session/client_channel.h"
#include "session/protocol_machine.h"
#include "session/session_environment.h"
#include "session/will.h"

namespace patchbay::access {
struct AuthenticateResult;
struct EnhancedResult;
}  // namespace patchbay::access

namespace patchbay::hooks {
struct ConnectRewriteEvent;
struct PacketEvent;
struct ReplyOutEvent;
struct SessionOpenEvent;
}  // namespace patchbay::hooks

namespace patchbay::session {

class Session;
struct ConnectProgress;
struct PublishProgress;
struct SubscribeProgress;
struct EnhancedExchange;
struct MqttParts;
class OutboundTopicAliases;

/// MQTT 3.1, 3.1.1 and 5.0 on one connection: what each packet does before and after CONNECT. Holds what belongs to the
/// connection; what outlives it is in Session. One file for each packet: handle_<packet>.cpp. [shard]
///
/// A handler that must wait for an answer copies what it needs into its ...Progress, stops reading, and goes on when
/// the answer is there.
class MqttMachine final : public ProtocolMachine, public ClientChannel {
 public:
  MqttMachine(SessionEnvironment& environment, ConnectionPort& port);
  ~MqttMachine() override;
  MqttMachine(const MqttMachine&) = delete;
  MqttMachine& operator=(const MqttMachine&) = delete;

  // ProtocolMachine
  [[nodiscard]] size_t on_bytes(std::span<const uint8_t> bytes, size_t& need) override;
  void on_writable() override;
  void on_closed(CloseReason reason) override;
  void on_kick(CloseReason reason) override;

  // ClientChannel
  [[nodiscard]] bool ready() const override { return port_.writable(); }
  [[nodiscard]] uint16_t send_window() const override { return send_window_; }
  [[nodiscard]] bool send_publish(const OutboundMessage& outbound, bool dup, PublishImages* images) override;
  [[nodiscard]] bool pass(const mqtt::PassingMessage& message) override;
  void send_pubrel(uint16_t packet_id) override;
  void end(CloseReason reason) override;
  void disconnect(mqtt::ReasonCode reason) override;
  void client_changed(const access::ClientInfoRef& client) override;
  void forget_decisions() override;
  [[nodiscard]] const access::DecisionCache* decisions() const override;
  [[nodiscard]] PacketTraffic traffic() const override { return traffic_; }
  [[nodiscard]] TransferTraffic transfers() const override { return port_.transfers(); }
  void set_keep_alive(uint16_t keep_alive_s) override;
  [[nodiscard]] const access::ClientInfo* client() const override { return client_.get(); }

  // For whoever speaks another protocol and has this machine do the client's operations.
  /// The client has sent something, whatever it was: its keep alive begins anew.
  void heard() { last_received_ms_ = environment_.shard.now_ms; }
  /// What became of a PUBLISH, also of QoS 0, which MQTT doesn't tell: success with the number of sessions that got it
  /// (none when a hook dropped it quietly), or why it was refused.
  struct PublishOutcome {
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;
    uint32_t receivers = 0;
  };
  /// Of the last one; nothing: none was decided since the last call.
  [[nodiscard]] std::optional<PublishOutcome> take_publish_outcome() {
    const uint32_t outcome = std::exchange(last_outcome_, kUndecided);
    if (outcome == kUndecided) return std::nullopt;
    if (outcome < kRefused) return PublishOutcome{mqtt::ReasonCode::success, outcome};
    return PublishOutcome{static_cast<mqtt::ReasonCode>(outcome - kRefused), 0};
  }

 private:
  friend struct ConnectProgress;
  friend struct PublishProgress;
  friend struct SubscribeProgress;
  friend struct EnhancedExchange;

  enum class State : uint8_t { awaiting_connect, authenticating, connected, closing };
  using Body = std::span<const uint8_t>;

  void dispatch(uint8_t first_byte, Body body);
  /// The same while somebody listens at packet.in.
  void dispatch_watched(std::span<const uint8_t> packet, uint8_t first_byte, Body body);
  void dispatch_connected(mqtt::PacketType type, uint8_t first_byte, Body body);

  // CONNECT
  void handle_connect(uint8_t first_byte, Body body);
  /// auth.connect_rewrite: asked once for a connection. False: an answer is awaited, or the client is refused.
  [[nodiscard]] bool rewrite_connect(uint8_t first_byte, Body body, const mqtt::Connect& connect);
  /// Keeps what the CONNECT became, for this machine and for one on the client's home shard.
  void take_rewrite(const mqtt::Connect& connect, const hooks::ConnectRewriteEvent& event);
  [[nodiscard]] bool check_connect(const mqtt::Connect& connect);
  [[nodiscard]] bool choose_client_id(const mqtt::Connect& connect);
  void authenticate(const mqtt::Connect& connect);
  /// The client is authenticated or refused: auth.enrich, then conclude_connect().
  void finish_connect(const mqtt::Connect& connect);
  void conclude_connect(const mqtt::Connect& connect);
  void tell_auth_result(const access::AuthenticateResult& result, uint64_t asked_at_ms);
  /// Ends the connection when the client's credentials do.
  void watch_credentials();
  static void credentials_ended(void* self);
  /// session.open: true when the CONNECT can go on at once; false when an answer is awaited or the client is refused.
  [[nodiscard]] bool offer_session(const mqtt::Connect& connect);
  /// Takes the outcome of session.open in; false: the client is refused.
  [[nodiscard]] bool take_terms(const mqtt::Connect& connect, hooks::SessionOpenEvent& event);
  void finish_opening(const mqtt::Connect& connect);
  /// The session of this client id, ready for its new connection: null where there is none, or none any more. False:
  /// the new connection is refused.
  [[nodiscard]] bool clear_way(const mqtt::Connect& connect, Session*& existing);
  /// session.conflict: false when the new connection is refused, and has been told so.
  [[nodiscard]] bool may_take_over(const Session& existing);
  [[nodiscard]] bool open_session(const mqtt::Connect& connect, bool& session_present);
  void keep_will(const mqtt::Connect& connect);
  void start_keep_alive(const mqtt::Connect& connect);
  /// False: it is larger than the client takes.
  [[nodiscard]] bool send_connack(const mqtt::Connect& connect, bool session_present);
  void connected(bool session_present);
  void auto_subscribe();
  void refuse_connect(mqtt::ReasonCode reason, const char* clause,
                      CloseReason close_reason = CloseReason::not_authorized, std::string_view server_reference = {});
  void send_connack_error(mqtt::ReasonCode reason, std::string_view server_reference);

  // AUTH
  void handle_auth(uint8_t first_byte, Body body);
  void enhanced_step(std::string_view data);
  void enhanced_answer(access::EnhancedResult& result);
  void re_authenticated(access::EnhancedResult& result);
  void finish_re_authentication(access::AuthenticateResult result);
  void send_auth(mqtt::ReasonCode reason, std::string_view data);

  // PUBLISH
  void handle_publish(uint8_t first_byte, Body body);
  [[nodiscard]] bool check_publish(const mqtt::Publish& publish);
  [[nodiscard]] bool resolve_topic(const mqtt::Publish& publish, std::string_view& topic);
  [[nodiscard]] bool accept_packet_id(const mqtt::Publish& publish, bool& repeated);
  /// The way of a PUBLISH that nobody has to be asked or told about and that goes to one client at once. False: it is
  /// not one, and nothing has happened.
  [[nodiscard]] bool pass_on(std::span<const uint8_t> packet, Body body);
  [[nodiscard]] bool publications_are_watched() const;
  void count_publish(mqtt::Qos qos);
  [[nodiscard]] mqtt::MessageRef make_message(const mqtt::Publish& publish, std::string_view topic) const;
  [[nodiscard]] mqtt::MessageRef make_rewritten(mqtt::MessageFields& fields) const;
  [[nodiscard]] bool rewrites_topics() const;
  void publish_checked(mqtt::MessageRef message, uint16_t packet_id);
  void publish_slowly(mqtt::MessageRef message, uint16_t packet_id);
  void route_and_acknowledge(mqtt::MessageRef&& message, mqtt::Qos qos, uint16_t packet_id);
  /// Routes, and gives the reason code for the acknowledgement.
  [[nodiscard]] mqtt::ReasonCode route(mqtt::MessageRef&& message);
  /// After routing: now, or behind acknowledgements that a hook holds back.
  void acknowledge(mqtt::Qos qos, uint16_t packet_id, mqtt::ReasonCode reason);
  void acknowledge_now(mqtt::Qos qos, uint16_t packet_id, mqtt::ReasonCode reason);
  void write_acknowledgement(mqtt::PacketType type, uint16_t packet_id, mqtt::ReasonCode reason);
  [[nodiscard]] PublishProgress& publish_progress();
  void handle_pubrel(uint8_t first_byte, Body body);

  // PUBACK, PUBREC, PUBCOMP
  void handle_acknowledgement(mqtt::PacketType type, uint8_t first_byte, Body body);

  // SUBSCRIBE, UNSUBSCRIBE
  void handle_subscribe(uint8_t first_byte, Body body);
  void handle_unsubscribe(uint8_t first_byte, Body body);

  // The rest
  void handle_pingreq(uint8_t first_byte, Body body);
  void handle_disconnect(uint8_t first_byte, Body body);

  /// The one place that turns a reason code into CONNACK or DISCONNECT and closes. `clause` names what was broken, for
  /// the log and the reason string.
  void refuse(mqtt::ReasonCode reason, const char* clause, CloseReason close_reason = CloseReason::protocol_error);
  void refuse(const mqtt::DecodeError& error) { refuse(error.reason, error.clause); }
  void log_refusal(mqtt::ReasonCode reason, const char* clause);
  void send_disconnect(mqtt::ReasonCode reason, std::string_view reason_string);
  void close(CloseReason reason);

  /// Replies that are sent rarely: offered to reply.out, then encoded. False: larger than the client takes, and not
  /// sent; where it waits for one, reply_too_large() follows.
  [[nodiscard]] bool reply(const mqtt::Connack& connack);
  bool reply(const mqtt::Disconnect& disconnect);
  [[nodiscard]] bool reply(const mqtt::Auth& auth);
  [[nodiscard]] bool reply(const mqtt::Suback& suback);
  [[nodiscard]] bool reply(const mqtt::Unsuback& unsuback);
  bool reply(const mqtt::Pingresp& pingresp);
  template <class Packet>
  bool offer(Packet packet, hooks::ReplyOutEvent& event);
  template <class Packet>
  bool write(const Packet& packet);
  /// The client would wait for ever for an answer that it does not take: it is told why with one that it does, or
  /// without a word where even that is too large, and the connection ends.
  void reply_too_large();
  /// Whether anybody is to be asked at reply.out.
  [[nodiscard]] bool replies_are_offered() const;
  /// Asks reply.out. What the client must not get is gone from `event` afterwards; false: nothing changed.
  [[nodiscard]] bool ask_reply_out(hooks::ReplyOutEvent& event) const;
  /// PUBACK and its siblings while somebody listens at reply.out.
  void offer_acknowledgement(mqtt::PacketType type, uint16_t packet_id, mqtt::ReasonCode reason);
  [[nodiscard]] std::optional<bool> send_plain(const OutboundMessage& outbound, bool dup);
  [[nodiscard]] std::optional<bool> send_plain(const mqtt::PlainPublish& publish);
  /// A packet was written: `written` is what of it is in one piece, of `size` bytes.
  void packet_sent(std::span<const uint8_t> written, size_t size);
  void observe_packet(const base::ChainPoint<hooks::PacketEvent>& point, std::span<const uint8_t> bytes, size_t size);

  /// Made when the first is needed; given back when none is.
  [[nodiscard]] MqttParts& parts();
  void wait_for_answer();
  void answer_came();
  void leave_session(CloseReason reason);
  void forget_progress();
  static void on_timer(void* self);
  static void on_congestion_over(void* self);
  static void write_ack(void* self, mqtt::Qos qos, uint16_t packet_id, mqtt::ReasonCode reason);
  void check_keep_alive();
  [[nodiscard]] bool is_v5() const { return version_ == mqtt::ProtocolVersion::v5; }

  SessionEnvironment& environment_;
  ConnectionPort& port_;
  Session* session_ = nullptr;
  access::ClientInfoRef client_;
  /// The limits that CONNACK told: a reload changes them for later connections only. Null before session.open.
  std::shared_ptr<const SessionLimits> agreed_limits_;
  base::Timer timer_;  ///< the CONNECT deadline, then keep alive
  uint64_t last_received_ms_ = 0;
  PacketTraffic traffic_;

  // Parts that few connections need, or only for a while.
  std::unique_ptr<MqttParts> parts_;
  std::unique_ptr<OutboundTopicAliases> aliases_out_;
  std::unique_ptr<Will> will_;

  uint32_t client_maximum_packet_size_ = 0xFFFFFFFF;
  uint32_t maximum_packet_size_ = 0;  ///< that the client may send once it is connected
  // One number for both kinds of outcome: it is there for each idle connection too.
  static constexpr uint32_t kUndecided = 0xFFFFFFFF;
  static constexpr uint32_t kRefused = 0xFFFFFF00;  // plus the reason code; smaller: the number of receivers
  uint32_t last_outcome_ = kUndecided;
  uint32_t keep_alive_ms_ = 0;  ///< one and a half times the keep alive; 0: none
  uint16_t send_window_ = 0;
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v5;
  State state_ = State::awaiting_connect;
  bool waiting_ : 1 = false;    ///< reading is paused for an answer
  bool rewriting_ : 1 = false;  ///< auth.connect_rewrite is asked: the CONNECT will be read again
  bool moving_ : 1 = false;     ///< the connection goes to the client's home shard
  bool gated_ : 1 = false;      ///< reading is paused for another shard's mailbox
  bool request_problem_information_ : 1 = true;
  bool is_bridge_ : 1 = false;
};

/// Makes MQTT machines for one listener on one shard.
class MqttFactory final : public ProtocolFactory {
 public:
  explicit MqttFactory(SessionEnvironment& environment) : environment_(environment) {}
  [[nodiscard]] std::unique_ptr<ProtocolMachine> create(ConnectionPort& port) override {
    return std::make_unique<MqttMachine>(environment_, port);
  }

 private:
  SessionEnvironment& environment_;
};

}  // namespace patchbay::session
