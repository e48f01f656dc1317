#include "net/datagram_stream.h"

#include <utility>

namespace patchbay::net {

using connection::StreamResult;
using connection::StreamStatus;

namespace {
constexpr size_t kLengthSize = 2;
constexpr int kNoDescriptor = -1;  // turns need none
}  // namespace

DatagramStream::DatagramStream(std::shared_ptr<DatagramAssociation> association, const session::PeerInfo& peer,
                               ListenerState& listener)
    : association_(std::move(association)),
      peer_([&] {
        session::PeerInfo with_listener = peer;
        with_listener.listener = &listener;
        return with_listener;
      }()),
      listener_(listener) {}

DatagramStream::~DatagramStream() {
  close();
}

StreamResult DatagramStream::read(std::span<uint8_t> into) {
  if (!open_) return {StreamStatus::failed, 0};
  return take(into);
}

StreamResult DatagramStream::write(std::span<const std::span<const uint8_t>> pieces) {
  if (!open_) return {StreamStatus::failed, 0};
  if (const StreamStatus status = before_sending(); status != StreamStatus::ok) return {status, 0};
  size_t taken = 0;
  for (const std::span<const uint8_t> piece : pieces) {
    partial_.insert(partial_.end(), piece.begin(), piece.end());
    taken += piece.size();
  }
  std::span<const uint8_t> rest = partial_;
  while (rest.size() >= kLengthSize) {
    const size_t size = (size_t{rest[0]} << 8) | rest[1];
    if (rest.size() < kLengthSize + size) break;
    send(rest.subspan(kLengthSize, size));
    rest = rest.subspan(kLengthSize + size);
  }
  partial_.erase(partial_.begin(), partial_.end() - static_cast<std::ptrdiff_t>(rest.size()));
  return {StreamStatus::ok, taken};
}

void DatagramStream::close() {
  if (!std::exchange(open_, false)) return;
  watch(nullptr);
  association_->close();
  if (listener_.addresses != nullptr) listener_.addresses->give_back(peer_.address);
  listener_.discharge();
}

void DatagramStream::watch(connection::StreamWatcher* watcher) {
  watcher_ = watcher;
  if (watcher == nullptr) {
    association_->watch(nullptr);
    Readiness::current().remove(kNoDescriptor, *this, true);
    return;
  }
  association_->watch(this);
  if (association_->readable()) request_turn();
}

void DatagramStream::request_turn() {
  Readiness::current().request_turn(*this);
}

void DatagramStream::both_ways_later() {
  retry_write_ = true;
  request_turn();
}

void DatagramStream::on_turn() {
  tell_readable();
  if (std::exchange(retry_write_, false) && watcher_ != nullptr) watcher_->on_writable();
}

void DatagramStream::tell_readable() {
  if (watcher_ != nullptr) watcher_->on_readable();
}

}  // namespace patchbay::net
