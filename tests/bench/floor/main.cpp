// bench_floor PORT: what a broker's process costs at the least. Takes MQTT 3.1.1 clients on a loopback port, and sends
// each PUBLISH as it came to the one subscriber of exactly this topic, by a recv(), a send() and an epoll_wait() and
// nothing else: no sessions, no limits, no checks of what clients send. For paced loads, where system calls rule: what
// `compare --broker` shows of it is nobody's to go below.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

constexpr uint8_t kConnect = 1;
constexpr uint8_t kPublish = 3;
constexpr uint8_t kSubscribe = 8;
constexpr uint8_t kPingreq = 12;

std::unordered_map<std::string, int> subscribers;   // topic name: socket
std::unordered_map<int, std::string> unread_bytes;  // socket: a packet's beginning

void put(int socket, std::string_view bytes) {
  if (send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) std::perror("send");
}

/// A string of MQTT at the head of these bytes.
std::string_view text_of(std::string_view bytes) {
  const size_t size = static_cast<uint8_t>(bytes[0]) * 256U + static_cast<uint8_t>(bytes[1]);
  return bytes.substr(2, size);
}

void handle(int socket, std::string_view packet, std::string_view body) {
  using namespace std::string_view_literals;
  switch (static_cast<uint8_t>(packet[0]) >> 4U) {
    case kConnect:
      return put(socket, "\x20\x02\0\0"sv);
    case kPingreq:
      return put(socket, "\xd0\0"sv);
    case kSubscribe: {
      subscribers[std::string(text_of(body.substr(2)))] = socket;
      const std::array<char, 5> suback{'\x90', 3, body[0], body[1], 0};
      return put(socket, {suback.data(), suback.size()});
    }
    case kPublish: {
      const auto found = subscribers.find(std::string(text_of(body)));
      if (found != subscribers.end()) put(found->second, packet);
      return;
    }
    default:
      return;
  }
}

/// The size of the packet at the head, and of its fixed header; 0: not all of that is there.
size_t packet_size(std::string_view bytes, size_t& header) {
  size_t remaining = 0;
  for (header = 1; header < bytes.size() && header < 5; ++header) {
    const auto byte = static_cast<uint8_t>(bytes[header]);
    remaining |= static_cast<size_t>(byte & 0x7fU) << (7 * (header - 1));
    if ((byte & 0x80U) == 0) return ++header + remaining;
  }
  return 0;
}

void handle_all(int socket, std::string_view bytes, std::string& unread) {
  size_t header = 0;
  for (size_t size = packet_size(bytes, header); size != 0 && size <= bytes.size(); size = packet_size(bytes, header)) {
    handle(socket, bytes.substr(0, size), bytes.substr(header, size - header));
    bytes.remove_prefix(size);
  }
  unread.assign(bytes);
}

void take_in(int epoll, int listener) {
  const int socket = accept(listener, nullptr, nullptr);
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  epoll_event event{.events = EPOLLIN, .data = {.fd = socket}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

void read_from(int socket) {
  static std::array<char, 65536> buffer;
  const ssize_t size = recv(socket, buffer.data(), buffer.size(), 0);
  std::string& unread = unread_bytes[socket];
  if (size <= 0) {
    std::erase_if(subscribers, [socket](const auto& each) { return each.second == socket; });
    unread_bytes.erase(socket);
    close(socket);
  } else if (unread.empty()) {
    handle_all(socket, {buffer.data(), static_cast<size_t>(size)}, unread);
  } else {
    const std::string all = unread + std::string(buffer.data(), static_cast<size_t>(size));
    handle_all(socket, all, unread);
  }
}

}  // namespace

int main(int count, char** words) {
  const int port = count == 2 ? std::atoi(words[1]) : 0;
  if (port <= 0 || port > 65535) {
    std::fprintf(stderr, "usage: bench_floor PORT (1 to 65535)\n");
    return 1;
  }
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener, 1000) != 0) {
    std::perror("bench_floor");
    return 1;
  }
  const int epoll = epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{.events = EPOLLIN, .data = {.fd = listener}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  for (std::array<epoll_event, 64> ready;;) {
    const int found = epoll_wait(epoll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int at = 0; at < found; ++at) {
      const int socket = ready[static_cast<size_t>(at)].data.fd;
      if (socket == listener) {
        take_in(epoll, listener);
      } else {
        read_from(socket);
      }
    }
  }
}
