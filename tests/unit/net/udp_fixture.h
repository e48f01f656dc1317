#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "net/datagram_stream.h"
#include "net/listeners.h"
#include "net/unique_fd.h"
#include "net_fixture.h"

namespace patchbay::net {

/// Answers each datagram with one. 'W': who am I; '>' and a digit: moves to that shard, answers there; 'A': 50
/// datagrams of 100 bytes; 'C': the name in my
/// certificate; 'Q': closes.
class DatagramEcho final : public session::ProtocolMachine {
 public:
  DatagramEcho(session::ConnectionPort& port, EchoCounts& counts) : port_(port), counts_(counts) { ++counts_.machines; }

  size_t on_bytes(std::span<const uint8_t> bytes, size_t&) override {
    std::string text(bytes.begin(), bytes.end());
    if (text[0] == '>' && static_cast<base::ShardId>(text[1] - '0') != base::current_shard()) {
      port_.move_to(static_cast<base::ShardId>(text[1] - '0'));
      return 0;
    }
    if (text[0] == 'W') text = port_.peer().address_text() + '|' + port_.peer().listener->id;
    if (text[0] == 'C') text = port_.peer().certificate == nullptr ? "none" : port_.peer().certificate->common_name;
    if (text[0] == 'A') {
      for (int i = 0; i < 50; ++i) write(std::string(100, 'a'));
      return bytes.size();
    }
    write(text);
    if (text[0] == 'Q') port_.close(session::CloseReason::normal);
    return bytes.size();
  }
  void on_writable() override {}
  void on_closed(session::CloseReason) override { ++counts_.closed; }
  void on_kick(session::CloseReason reason) override {
    ++counts_.kicked;
    write("bye");
    port_.close(reason);
  }

 private:
  void write(std::string_view text) {
    const uint8_t length[] = {static_cast<uint8_t>(text.size() >> 8), static_cast<uint8_t>(text.size() & 0xFF)};
    port_.output().append(port_.pool(), length);
    port_.output().append(port_.pool(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    port_.output_added();
  }
  session::ConnectionPort& port_;
  EchoCounts& counts_;
};

class DatagramEchoFactory final : public session::ProtocolFactory {
 public:
  explicit DatagramEchoFactory(EchoCounts& counts) : counts_(counts) {}
  std::unique_ptr<session::ProtocolMachine> create(session::ConnectionPort& port) override {
    return std::make_unique<DatagramEcho>(port, counts_);
  }

 private:
  EchoCounts& counts_;
};

struct UdpFixture : NetFixture {
  explicit UdpFixture(const NetLimits& limits = {}) : NetFixture(limits) {}
  uint16_t start_udp(ListenerOptions options = {}) {
    options.type = ListenerType::udp;
    return start_datagrams(std::move(options));
  }
  uint16_t start_datagrams(ListenerOptions options) {
    options.bind = "127.0.0.1:0";
    auto started = listeners.start(options, [this](IoShard&, const session::ListenerInfo&) {
      return std::make_unique<DatagramEchoFactory>(counts);
    });
    if (!started) FAIL(started.error());
    return started->port;
  }
};

class UdpClient {
 public:
  explicit UdpClient(uint16_t port) : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    set_patience(10'000);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }
  void set_patience(int ms) {
    const timeval patience{ms / 1000, ms % 1000 * 1000};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  void send(std::string_view datagram) const {
    REQUIRE(::send(fd_.get(), datagram.data(), datagram.size(), 0) == static_cast<ssize_t>(datagram.size()));
  }
  /// Empty: none came.
  std::string receive() const {
    std::string datagram(65'536, '\0');
    const ssize_t size = recv(fd_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return datagram;
  }
  std::string ask(std::string_view datagram) const {
    send(datagram);
    return receive();
  }

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace patchbay::net
