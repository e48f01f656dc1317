#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "bench/decoder.h"
#include "bench/encoder.h"
#include "bench/event_loop.h"
#include "bench/tcp_socket.h"

namespace patchbay::bench {

class MqttClient;

// What a client tells its owner, all on the loop's thread. A view is valid during the call only.
class ClientListener {
 public:
  virtual void on_connack(MqttClient& client, const ConnackFields& connack) = 0;
  virtual void on_suback(MqttClient&, const SubackFields&) {}
  virtual void on_publish(MqttClient&, const PublishView&) {}
  virtual void on_ack(MqttClient&, PacketType, const AckFields&) {}
  virtual void on_pingresp(MqttClient&) {}
  // All packets of one read have been handed out: the moment to send what they gave rise to.
  virtual void on_input_done(MqttClient&) {}
  // The socket takes bytes again after it had not.
  virtual void on_output_ready(MqttClient&) {}
  // The connection is gone, and not because close() was called.
  virtual void on_closed(MqttClient& client, std::string_view reason) = 0;

 protected:
  ~ClientListener() = default;
};

// One connection to the broker: bytes and packets, no policy. Output is gathered in output() and goes out with flush().
class MqttClient final : public EventTarget {
 public:
  MqttClient(EventLoop& loop, ClientListener& listener) : loop_(loop), listener_(listener) {}
  ~MqttClient() { close(); }
  MqttClient(const MqttClient&) = delete;
  MqttClient& operator=(const MqttClient&) = delete;

  // Connects and sends CONNECT. False with errno set if not even a socket could be had. `index` picks the source
  // address.
  bool open(const BrokerAddress& broker, std::size_t index, ConnectFields fields);
  void subscribe(std::span<const std::string> topic_filters, std::uint8_t qos, std::uint16_t packet_id);
  void ping();

  std::string& output() { return output_; }
  void flush();
  // True while the socket refuses bytes: appending more would only grow the buffer.
  bool output_blocked() const { return output_blocked_; }

  // Sends DISCONNECT; the broker is the one to close.
  void disconnect();
  void close();
  bool is_open() const { return fd_ >= 0; }
  ProtocolVersion version() const { return fields_.version; }

  void on_events(std::uint32_t epoll_events) override;

 private:
  void finish_connect();
  void read_input();
  void consume(Bytes input, bool from_buffer);
  bool dispatch(const Frame& frame);
  bool dispatch_rare(const Frame& frame);
  void fail(std::string_view reason);
  void want_output(bool wanted);

  EventLoop& loop_;
  ClientListener& listener_;
  ConnectFields fields_;
  int fd_ = -1;
  bool connecting_ = false;
  bool output_blocked_ = false;
  bool disconnecting_ = false;
  std::string output_;
  std::size_t output_sent_ = 0;  // the first bytes of output_, which the socket has taken
  std::string partial_input_;    // the beginning of a packet whose rest has not come
};

}  // namespace patchbay::bench
