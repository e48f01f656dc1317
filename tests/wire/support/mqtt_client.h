#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wire/support/deadline.h"
#include "wire/support/packets.h"
#include "wire/support/tcp_socket.h"

namespace patchbay::wire {

/// A client that a test drives step by step. What it waits for has a deadline, past which it throws. Unless told
/// otherwise it acknowledges what it gets, as a well-behaved client does; packets that are not waited for yet are kept.
class MqttClient {
 public:
  /// Opens the connection; connect() or connected() says CONNECT.
  MqttClient(uint16_t port, ConnectOptions options, int receive_buffer_bytes = 0);

  /// A client for which CONNECT was answered with success.
  static MqttClient connected(uint16_t port, ConnectOptions options);

  Connack connect();
  /// The answer to the CONNECT that got this client in.
  [[nodiscard]] const Connack& connack() const { return connack_; }

  Acknowledgement subscribe(const std::vector<Subscription>& subscriptions, const Properties& properties = {});
  Acknowledgement unsubscribe(const std::vector<std::string>& topic_filters);
  /// Sends the message and, for QoS 1 and 2, waits until the broker has taken it. Returns the reason code of its PUBACK
  /// or PUBREC (0 for QoS 0).
  uint8_t publish(Publish message);
  uint8_t publish(const std::string& topic, const std::string& payload, uint8_t qos = 0, bool retain = false);

  /// The next message, waited for.
  Publish receive(milliseconds patience = kPatience);
  /// The payloads of the next `count` messages.
  std::vector<std::string> receive_payloads(size_t count);
  /// True when no message comes for so long (and none waits).
  [[nodiscard]] bool quiet(milliseconds length = kQuiet);

  /// The next packet of this type, waited for; PUBLISH is got by receive().
  Packet expect(uint8_t type, milliseconds patience = kPatience);
  /// The reason code of the DISCONNECT with which the broker ends the connection, which it must then close.
  Disconnect expect_disconnect(milliseconds patience = kPatience);
  /// True when the broker closes the connection in time without another packet.
  [[nodiscard]] bool closed(milliseconds patience = kPatience);
  void ping();

  void acknowledge_by_hand() { automatic_ = false; }
  void acknowledge(uint8_t type, uint16_t packet_id, uint8_t reason_code = 0);
  void send(const Bytes& bytes) { socket_.send(bytes); }
  /// DISCONNECT, then waits until the broker has closed.
  void disconnect(uint8_t reason_code = 0, const Properties& properties = {});
  /// Ends the connection as a crash does.
  void drop() { socket_.reset(); }
  TcpSocket& socket() { return socket_; }
  uint16_t next_packet_id() { return ++last_packet_id_; }

 private:
  /// Reads one packet, or nothing at the deadline or the end of the stream.
  std::optional<Packet> read_packet(const Deadline& deadline);
  /// Reads packets until `found` says so; false at the deadline or the end.
  bool pump(const Deadline& deadline, const std::function<bool()>& found);
  void take(Packet packet);

  ConnectOptions options_;
  TcpSocket socket_;
  Bytes unread_;
  Connack connack_;
  std::deque<Publish> messages_;
  std::deque<Packet> others_;
  uint16_t last_packet_id_ = 0;
  bool automatic_ = true;
  bool ended_ = false;
};

}  // namespace patchbay::wire
