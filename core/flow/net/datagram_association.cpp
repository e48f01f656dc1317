#include "net/datagram_association.h"

#include <algorithm>
#include <cstring>

#include "net/readiness.h"

namespace patchbay::net {

using connection::StreamResult;
using connection::StreamStatus;

DatagramAssociation::DatagramAssociation(std::shared_ptr<UniqueFd> socket, const sockaddr_storage& address,
                                         socklen_t size, ListenerState& listener)
    : socket_(std::move(socket)), address_(address), address_size_(size), listener_(listener) {}

bool DatagramAssociation::receive(std::span<const uint8_t> datagram) {
  const std::lock_guard lock(mutex_);
  if (closed_ || ended_) return false;
  received_bytes_ += datagram.size();
  proven_ = proven_ || sent_bytes_ != 0;
  if (waiting_.size() >= kMaximumWaiting || waiting_bytes_ + datagram.size() > kMaximumWaitingBytes) {
    listener_.datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  waiting_.emplace_back(datagram.begin(), datagram.end());
  waiting_bytes_ += datagram.size();
  tell_later();
  return true;
}

void DatagramAssociation::prove(size_t size) {
  const std::lock_guard lock(mutex_);
  received_bytes_ += size;
  proven_ = true;
}

bool DatagramAssociation::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

void DatagramAssociation::settle() {
  const std::lock_guard lock(mutex_);
  settled_ = true;
}

void DatagramAssociation::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  tell_later();
}

void DatagramAssociation::tell_later() {
  if (told_ || mailbox_ == nullptr) return;
  told_ = true;
  mailbox_->post(base::make_task([self = shared_from_this()] { self->tell(); }));
}

void DatagramAssociation::tell() {
  DatagramReader* reader = nullptr;
  {
    const std::lock_guard lock(mutex_);
    told_ = false;
    if (reader_ == nullptr) return;  // who takes it over looks for itself
    if (mailbox_ == Readiness::current().services().mailbox) {
      reader = reader_;
    } else {
      tell_later();
    }
  }
  if (reader != nullptr) reader->tell_readable();
}

StreamResult DatagramAssociation::read(std::span<uint8_t> into) {
  const std::lock_guard lock(mutex_);
  while (!waiting_.empty()) {
    const std::vector<uint8_t> datagram = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= datagram.size();
    if (datagram.size() > into.size()) {  // cut, it would be something else
      listener_.datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
      continue;
    }
    std::memcpy(into.data(), datagram.data(), datagram.size());
    return {StreamStatus::ok, datagram.size()};
  }
  return {ended_ ? StreamStatus::end : StreamStatus::would_block, 0};
}

bool DatagramAssociation::readable() const {
  const std::lock_guard lock(mutex_);
  return ended_ || !waiting_.empty();
}

void DatagramAssociation::send(std::span<const uint8_t> datagram) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (!proven_ && sent_bytes_ + datagram.size() > kAmplification * received_bytes_) {
      listener_.datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    sent_bytes_ += datagram.size();
  }
  // A full socket loses it, as any router on the way may.
  const ssize_t sent = sendto(socket_->get(), datagram.data(), datagram.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                              reinterpret_cast<const sockaddr*>(&address_), address_size_);
  if (sent < 0) listener_.datagrams_dropped.fetch_add(1, std::memory_order_relaxed);
}

void DatagramAssociation::watch(DatagramReader* reader) {
  const std::lock_guard lock(mutex_);
  reader_ = reader;
  if (reader != nullptr) mailbox_ = Readiness::current().services().mailbox;
}

void DatagramAssociation::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  reader_ = nullptr;
  waiting_.clear();
  waiting_bytes_ = 0;
}

}  // namespace patchbay::net
