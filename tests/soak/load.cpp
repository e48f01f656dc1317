#include "soak/load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <vector>

namespace patchbay::soak {

namespace {

using namespace std::chrono_literals;  // NOLINT: test

enum PacketType : uint8_t {
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kPubrec = 5,
  kPubrel = 6,
  kPubcomp = 7,
  kSuback = 9
};

std::string field(std::string_view text) {
  std::string result{static_cast<char>(text.size() >> 8), static_cast<char>(text.size() & 0xFF)};
  return result.append(text);
}

std::string packet(uint8_t first, const std::string& body) {
  std::string result(1, static_cast<char>(first));
  size_t left = body.size();
  do {
    uint8_t byte = left & 0x7F;
    left >>= 7;
    if (left != 0) byte |= 0x80;
    result += static_cast<char>(byte);
  } while (left != 0);
  return result + body;
}

std::string number(uint16_t value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xFF)};
}

uint16_t number_at(std::string_view body, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(body[at]) << 8 | static_cast<uint8_t>(body[at + 1]));
}

}  // namespace

struct Load::State {
  struct Client {
    int socket = -1;
    bool publisher = false;
    uint8_t qos = 1;
    std::string topic;
    uint64_t sequence = 0;  // last sent, or last received
    bool waiting = false;   // for an acknowledgement
    std::string input;
    std::string output;
  };

  uint16_t port = 0;
  int poll = ::epoll_create1(EPOLL_CLOEXEC);
  std::vector<Client> clients;
  std::atomic<bool> publishing{false};
  std::atomic<bool> ending{false};
  std::atomic<uint64_t> ready{0};
  std::atomic<uint64_t> sent{0}, acknowledged{0}, received{0}, lost{0}, duplicated{0}, disconnects{0}, stamped{0};
  std::thread thread;

  void open(Client& client, size_t index) {
    client.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(client.socket, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
      throw std::runtime_error("connect");
    ::fcntl(client.socket, F_SETFL, O_NONBLOCK);
    const int on = 1;
    ::setsockopt(client.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, client.socket, &event);
    const std::string name = (client.publisher ? "p" : "s") + client.topic.substr(6);
    send(client, packet(0x10, field("MQTT") + std::string("\x04\x02\x00\x00", 4) + field(name)));
  }

  void send(Client& client, const std::string& bytes) {
    client.output += bytes;
    while (!client.output.empty()) {
      const ssize_t written = ::send(client.socket, client.output.data(), client.output.size(), MSG_NOSIGNAL);
      if (written <= 0) return;
      client.output.erase(0, static_cast<size_t>(written));
    }
  }

  void publish_next(Client& client) {
    if (!publishing || client.waiting) return;
    client.waiting = true;
    ++client.sequence;
    const std::string body = field(client.topic) + number(static_cast<uint16_t>(client.sequence % 65535 + 1)) +
                             std::to_string(client.sequence);
    ++sent;
    send(client, packet(static_cast<uint8_t>(0x30 | client.qos << 1), body));
  }

  void on_message(Client& client, uint8_t first, std::string_view body) {
    const size_t topic = number_at(body, 0);
    const uint16_t id = number_at(body, 2 + topic);
    std::string_view payload = body.substr(4 + topic);
    const size_t colon = payload.rfind(':');
    if (colon != std::string_view::npos) {
      ++stamped;
      payload.remove_prefix(colon + 1);
    }
    uint64_t sequence = 0;
    std::from_chars(payload.data(), payload.data() + payload.size(), sequence);
    ++received;
    if (sequence <= client.sequence) ++duplicated;
    if (sequence > client.sequence + 1) lost += sequence - client.sequence - 1;
    client.sequence = std::max(client.sequence, sequence);
    const uint8_t qos = first >> 1 & 3;
    send(client, packet(qos == 1 ? 0x40 : 0x50, number(id)));
  }

  void on_packet(Client& client, uint8_t first, std::string_view body) {
    switch (first >> 4) {
      case kConnack:
        if (client.publisher) {
          ++ready;
        } else {
          send(client, packet(0x82, number(1) + field(client.topic) + static_cast<char>(2)));
        }
        break;
      case kSuback:
        ++ready;
        break;
      case kPublish:
        on_message(client, first, body);
        break;
      case kPubrec:
        send(client, packet(0x62, number(number_at(body, 0))));
        break;
      case kPubrel:
        send(client, packet(0x70, number(number_at(body, 0))));
        break;
      case kPuback:
      case kPubcomp:
        ++acknowledged;
        client.waiting = false;
        publish_next(client);
        break;
      default:
        break;
    }
  }

  void on_bytes(Client& client) {
    size_t begin = 0;
    for (;;) {
      const std::string_view rest = std::string_view(client.input).substr(begin);
      size_t length = 0;
      size_t head = 1;
      bool whole = false;
      for (; head < rest.size() && head < 5 && !whole; ++head) {
        length |= static_cast<size_t>(rest[head] & 0x7F) << 7 * (head - 1);
        whole = (rest[head] & 0x80) == 0;
      }
      if (!whole || rest.size() < head + length) break;
      on_packet(client, static_cast<uint8_t>(rest[0]), rest.substr(head, length));
      begin += head + length;
    }
    client.input.erase(0, begin);
  }

  void read(Client& client) {
    std::array<char, 16384> buffer{};
    for (;;) {
      const ssize_t size = ::recv(client.socket, buffer.data(), buffer.size(), 0);
      if (size > 0) {
        client.input.append(buffer.data(), static_cast<size_t>(size));
        on_bytes(client);
        continue;
      }
      if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
      ++disconnects;
      ::epoll_ctl(poll, EPOLL_CTL_DEL, client.socket, nullptr);
      return;
    }
  }

  void run() {
    std::array<epoll_event, 256> events{};
    bool begun = false;
    while (!ending) {
      const int count = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 10);
      for (int i = 0; i < count; ++i) read(clients[events[static_cast<size_t>(i)].data.u64]);
      if (publishing == begun) {
        if (!begun) continue;
        for (Client& client : clients) send(client, {});
        continue;
      }
      begun = publishing;
      for (Client& client : clients) {
        if (begun && client.publisher) publish_next(client);
      }
    }
  }

  template <class F>
  static bool wait(uint64_t limit_ms, F holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(limit_ms);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
};

Load::Load(uint16_t port, uint32_t pairs) : state_(std::make_unique<State>()) {
  state_->port = port;
  state_->clients.resize(size_t{pairs} * 2);
  for (size_t i = 0; i < state_->clients.size(); ++i) {
    State::Client& client = state_->clients[i];
    client.publisher = i % 2 == 1;
    client.qos = i / 2 % 2 == 0 ? 1 : 2;
    client.topic = "stamp/" + std::to_string(i / 2);
  }
}

Load::~Load() {
  state_->ending = true;
  if (state_->thread.joinable()) state_->thread.join();
  for (const State::Client& client : state_->clients) ::close(client.socket);
  ::close(state_->poll);
}

bool Load::connect(uint64_t limit_ms) {
  for (size_t i = 0; i < state_->clients.size(); ++i) state_->open(state_->clients[i], i);
  state_->thread = std::thread([this] { state_->run(); });
  return State::wait(limit_ms, [&] { return state_->ready == state_->clients.size(); });
}

void Load::start_publishing() {
  state_->publishing = true;
}

bool Load::finish(uint64_t limit_ms) {
  state_->publishing = false;
  return State::wait(limit_ms, [&] {
    const uint64_t sent = state_->sent;
    return state_->acknowledged == sent && state_->received >= sent;
  });
}

LoadReport Load::report() const {
  return {state_->ready, state_->sent,       state_->acknowledged, state_->received,
          state_->lost,  state_->duplicated, state_->disconnects,  state_->stamped};
}

}  // namespace patchbay::soak
