#include "bench/support/relay_broker.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace patchbay::bench {
namespace {

constexpr int kPollMilliseconds = 10;
constexpr std::size_t kReadSize = 64 * 1024;

constexpr std::uint8_t kConnect = 1;
constexpr std::uint8_t kPublish = 3;
constexpr std::uint8_t kSubscribe = 8;
constexpr std::uint8_t kPingreq = 12;
constexpr std::uint8_t kDisconnect = 14;

std::size_t byte_at(const std::string& bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

std::string text_at(const std::string& bytes, std::size_t at) {
  return bytes.substr(at + 2, byte_at(bytes, at) << 8 | byte_at(bytes, at + 1));
}

// The sizes of the fixed header and the whole packet at the front, or zeros if it is not all there.
std::pair<std::size_t, std::size_t> packet_size(const std::string& input) {
  std::size_t length = 0;
  for (std::size_t i = 1; i < input.size() && i <= 4; ++i) {
    length |= (byte_at(input, i) & 0x7F) << (7 * (i - 1));
    if ((byte_at(input, i) & 0x80) != 0) continue;
    std::size_t size = 1 + i + length;
    return size <= input.size() ? std::pair(1 + i, size) : std::pair(std::size_t{0}, std::size_t{0});
  }
  return {0, 0};
}

}  // namespace

RelayBroker::RelayBroker(FateOf fate_of, bool byte_by_byte)
    : fate_of_(std::move(fate_of)), byte_by_byte_(byte_by_byte) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  bool listening = bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener_, 100) == 0 &&
                   getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  if (!listening) throw std::runtime_error("the relay broker cannot listen");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

RelayBroker::~RelayBroker() {
  stopping_.store(true);
  thread_.join();
  for (auto& peer : peers_) close(peer->fd);
  close(listener_);
}

void RelayBroker::serve() {
  while (!stopping_.load()) {
    std::vector<pollfd> polled{{listener_, POLLIN, 0}};
    for (auto& peer : peers_) polled.push_back({peer->fd, POLLIN, 0});
    if (poll(polled.data(), polled.size(), kPollMilliseconds) <= 0) continue;
    for (std::size_t i = polled.size() - 1; i > 0; --i) {
      if (polled[i].revents == 0 || read_from(*peers_[i - 1])) continue;
      close(peers_[i - 1]->fd);
      peers_.erase(peers_.begin() + static_cast<long>(i - 1));
    }
    if (polled[0].revents != 0) accept_peer();
    std::uint64_t limit = hang_up_after_.load();
    if (limit == 0 || messages_ < limit) continue;
    for (auto& peer : peers_) close(peer->fd);
    peers_.clear();
  }
}

void RelayBroker::accept_peer() {
  auto peer = std::make_unique<Peer>();
  peer->fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (peer->fd < 0) return;
  int on = 1;
  setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  peers_.push_back(std::move(peer));
}

bool RelayBroker::read_from(Peer& peer) {
  char buffer[kReadSize];
  ssize_t size = recv(peer.fd, buffer, sizeof(buffer), 0);
  if (size <= 0) return false;
  peer.input.append(buffer, static_cast<std::size_t>(size));
  for (auto [header, total] = packet_size(peer.input); total > 0; std::tie(header, total) = packet_size(peer.input)) {
    std::string packet = peer.input.substr(0, total);
    peer.input.erase(0, total);
    auto type = static_cast<std::uint8_t>(byte_at(packet, 0) >> 4);
    if (type == kDisconnect) return false;
    handle(peer, type, packet, header);
  }
  return true;
}

void RelayBroker::handle(Peer& peer, std::uint8_t type, const std::string& packet, std::size_t header_size) {
  if (type == kConnect) send_to(peer, std::string("\x20\x02\x00", 3) + static_cast<char>(return_code_.load()));
  if (type == kPingreq) send_to(peer, std::string("\xD0\x00", 2));
  if (type == kSubscribe) {
    peer.topic_filter = text_at(packet, header_size + 2);
    send_to(peer, std::string("\x90\x03", 2) + packet.substr(header_size, 2) + std::string(1, '\0'));
  }
  if (type == kPublish) relay(packet, header_size);
}

void RelayBroker::relay(const std::string& packet, std::size_t header_size) {
  std::string topic = text_at(packet, header_size);
  for (auto& peer : peers_) {
    // "+" as the last level is all that the tool's own plans need beyond exact filters.
    bool wild = peer->topic_filter.ends_with("/+") &&
                topic.starts_with(peer->topic_filter.substr(0, peer->topic_filter.size() - 1));
    if (wild || peer->topic_filter == topic) deliver(*peer, packet);
  }
}

void RelayBroker::deliver(Peer& peer, const std::string& packet) {
  switch (fate_of_(++messages_)) {
    case Fate::lose:
      return;
    case Fate::hold_until_next:
      peer.held = packet;
      return;
    case Fate::deliver_twice:
      send_to(peer, packet);
      break;
    case Fate::deliver:
      break;
  }
  send_to(peer, packet);
  send_to(peer, std::exchange(peer.held, ""));
}

void RelayBroker::send_to(Peer& peer, const std::string& bytes) const {
  std::size_t step = byte_by_byte_ ? 1 : bytes.size();
  for (std::size_t sent = 0; sent < bytes.size();) {
    ssize_t size = send(peer.fd, bytes.data() + sent, std::min(step, bytes.size() - sent), MSG_NOSIGNAL);
    if (size <= 0) return;
    sent += static_cast<std::size_t>(size);
  }
}

}  // namespace patchbay::bench
