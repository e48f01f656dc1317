#include "bench/mqtt_client.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace patchbay::bench {
namespace {

constexpr std::size_t kMinimumRead = 64 * 1024;
// An output buffer that was needed once for a large batch is kept; one beyond this size is given back.
constexpr std::size_t kKeptOutputCapacity = 2 * 1024 * 1024;

}  // namespace

bool MqttClient::open(const BrokerAddress& broker, std::size_t index, ConnectFields fields) {
  close();
  fields_ = std::move(fields);
  fd_ = start_tcp_connect(broker, index);
  if (fd_ < 0) return false;
  connecting_ = true;
  loop_.add(fd_, EPOLLOUT, *this);
  return true;
}

void MqttClient::finish_connect() {
  if (int error = finish_tcp_connect(fd_); error != 0) {
    fail(std::string("connect: ") + std::strerror(error));
    return;
  }
  connecting_ = false;
  loop_.modify(fd_, EPOLLIN, *this);
  append_connect(output_, fields_);
  flush();
}

void MqttClient::subscribe(std::span<const std::string> topic_filters, std::uint8_t qos, std::uint16_t packet_id) {
  append_subscribe(output_, fields_.version, packet_id, topic_filters, qos);
  flush();
}

void MqttClient::ping() {
  append_pingreq(output_);
  flush();
}

void MqttClient::disconnect() {
  if (fd_ < 0 || connecting_) return;
  disconnecting_ = true;
  append_disconnect(output_);
  flush();
}

void MqttClient::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  connecting_ = false;
  output_blocked_ = false;
  disconnecting_ = false;
  output_.clear();
  output_sent_ = 0;
  partial_input_.clear();
}

void MqttClient::fail(std::string_view reason) {
  std::string kept(disconnecting_ ? "closed after DISCONNECT" : reason);
  close();
  listener_.on_closed(*this, kept);
}

void MqttClient::flush() {
  if (fd_ < 0 || output_.empty() || connecting_) return;
  ssize_t sent = send(fd_, output_.data() + output_sent_, output_.size() - output_sent_, MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    fail(std::string("send: ") + std::strerror(errno));
    return;
  }
  if (sent > 0) output_sent_ += static_cast<std::size_t>(sent);
  bool complete = output_sent_ == output_.size();
  if (complete) {
    output_.clear();
    output_sent_ = 0;
    if (output_.capacity() > kKeptOutputCapacity) output_.shrink_to_fit();
  } else if (output_sent_ > output_.size() / 2) {
    output_.erase(0, output_sent_);
    output_sent_ = 0;
  }
  want_output(!complete);
}

void MqttClient::want_output(bool wanted) {
  if (wanted == output_blocked_) return;
  output_blocked_ = wanted;
  loop_.modify(fd_, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN, *this);
}

void MqttClient::on_events(std::uint32_t epoll_events) {
  if (fd_ < 0) return;
  if (connecting_) {
    finish_connect();
    return;
  }
  if ((epoll_events & EPOLLOUT) != 0) {
    flush();
    if (fd_ >= 0 && !output_blocked_) listener_.on_output_ready(*this);
  }
  if (fd_ >= 0 && (epoll_events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_input();
}

void MqttClient::read_input() {
  std::size_t kept = partial_input_.size();
  std::size_t wanted = std::max(loop_.read_buffer_size(), kept + std::max(kept, kMinimumRead));
  std::uint8_t* buffer = loop_.read_buffer(wanted);
  std::memcpy(buffer, partial_input_.data(), kept);
  ssize_t size = recv(fd_, buffer + kept, wanted - kept, 0);
  if (size > 0) {
    consume({buffer, kept + static_cast<std::size_t>(size)}, kept > 0);
  } else if (size == 0) {
    fail("closed by the broker");
  } else if (errno != EAGAIN && errno != EINTR) {
    fail(std::string("receive: ") + std::strerror(errno));
  }
}

void MqttClient::consume(Bytes input, bool from_buffer) {
  if (from_buffer) partial_input_.clear();
  Frame frame;
  FrameStatus status = next_frame(input, frame);
  while (status == FrameStatus::complete) {
    if (!dispatch(frame)) {
      fail("the broker sent a malformed packet of type " + std::to_string(static_cast<int>(frame.type)));
    }
    if (fd_ < 0) return;
    input = input.subspan(frame.size);
    status = next_frame(input, frame);
  }
  if (status == FrameStatus::malformed) {
    fail("the broker sent a malformed fixed header");
    return;
  }
  partial_input_.assign(reinterpret_cast<const char*>(input.data()), input.size());
  listener_.on_input_done(*this);
}

bool MqttClient::dispatch(const Frame& frame) {
  switch (frame.type) {
    case PacketType::publish: {
      PublishView publish;
      if (!decode_publish(fields_.version, frame, publish)) return false;
      listener_.on_publish(*this, publish);
      return true;
    }
    case PacketType::puback:
    case PacketType::pubrec:
    case PacketType::pubrel:
    case PacketType::pubcomp: {
      AckFields ack;
      if (!decode_ack(frame, ack)) return false;
      listener_.on_ack(*this, frame.type, ack);
      return true;
    }
    default:
      return dispatch_rare(frame);
  }
}

bool MqttClient::dispatch_rare(const Frame& frame) {
  switch (frame.type) {
    case PacketType::connack: {
      ConnackFields connack;
      if (!decode_connack(fields_.version, frame, connack)) return false;
      if (connack.reason != 0) {
        fail("CONNACK refused with " + std::to_string(connack.reason));
      } else {
        listener_.on_connack(*this, connack);
      }
      return true;
    }
    case PacketType::suback: {
      SubackFields suback;
      if (!decode_suback(fields_.version, frame, suback)) return false;
      listener_.on_suback(*this, suback);
      return true;
    }
    case PacketType::pingresp:
      listener_.on_pingresp(*this);
      return true;
    case PacketType::disconnect:
      fail("DISCONNECT from the broker with " + std::to_string(decode_disconnect_reason(frame)));
      return true;
    default:
      return false;
  }
}

}  // namespace patchbay::bench
