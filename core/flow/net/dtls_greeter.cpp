#include "net/dtls_greeter.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <cstring>
#include <memory>
#include <utility>

#include "net/tls_generation.h"

namespace patchbay::net {

namespace {
// The head of a record and of a handshake message (RFC 6347 4.1, 4.2.2).
constexpr size_t kRecordHead = 13;
constexpr uint8_t kHandshake = 22;
constexpr uint8_t kClientHello = 1;

struct FreeAddress {
  void operator()(BIO_ADDR* address) const { BIO_ADDR_free(address); }
};
}  // namespace

bool DtlsGreeter::is_hello(std::span<const uint8_t> datagram) {
  return datagram.size() > kRecordHead && datagram[0] == kHandshake && datagram[1] == 0xFE && datagram[3] == 0 &&
         datagram[4] == 0 && datagram[kRecordHead] == kClientHello;
}

DtlsOpening DtlsGreeter::greet(std::span<const uint8_t> datagram, std::string_view peer_key,
                               const sockaddr_storage& address, socklen_t size) {
  if (!is_hello(datagram)) return {};
  auto generation = listener_.tls->current();
  if (next_.ssl == nullptr || next_.generation != generation) {
    next_.ssl = make_dtls(generation->default_context(), *this, listener_.options.datagram.mtu_bytes);
    next_.generation = std::move(generation);
  }
  const std::unique_ptr<BIO_ADDR, FreeAddress> ignored(BIO_ADDR_new());
  if (next_.ssl == nullptr || ignored == nullptr) return {};
  hello_ = datagram;
  peer_key_ = peer_key;
  address_ = &address;
  address_size_ = size;
  ERR_clear_error();
  const int result = DTLSv1_listen(next_.ssl.get(), ignored.get());
  ERR_clear_error();
  hello_ = {};
  return result == 1 ? std::exchange(next_, {}) : DtlsOpening{};
}

size_t DtlsGreeter::receive_record(std::span<uint8_t> into) {
  const auto datagram = std::exchange(hello_, {});
  if (datagram.empty() || datagram.size() > into.size()) return 0;
  std::memcpy(into.data(), datagram.data(), datagram.size());
  return datagram.size();
}

void DtlsGreeter::send_record(std::span<const uint8_t> datagram) {
  // A cookie, smaller than the hello it answers. A full socket loses it, as any router on the way may.
  const ssize_t sent = sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(address_), address_size_);
  if (sent < 0) listener_.datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace patchbay::net
