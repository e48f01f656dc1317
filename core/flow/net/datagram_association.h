#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "base/mailbox.h"
#include "connection/stream.h"
#include "net/listener_state.h"
#include "net/unique_fd.h"

namespace patchbay::net {

/// Role: whoever reads an association. [shard]
class DatagramReader {
 public:
  virtual ~DatagramReader() = default;
  /// There is something to read.
  virtual void tell_readable() = 0;
};

/// What a UDP listener and one peer address have with each other: datagrams that have come and were not read yet. The
/// shard of the socket receives, the shard of the connection reads and sends; the lock is held for a few instructions.
class DatagramAssociation final : public std::enable_shared_from_this<DatagramAssociation> {
 public:
  static constexpr size_t kMaximumWaiting = 64;               ///< datagrams; more are dropped
  static constexpr size_t kMaximumWaitingBytes = 256 * 1024;  ///< the same in bytes
  /// A peer whose address is not proven gets at most so many times what it has sent: nobody can be flooded in its name.
  static constexpr uint64_t kAmplification = 3;

  DatagramAssociation(std::shared_ptr<UniqueFd> socket, const sockaddr_storage& address, socklen_t size,
                      ListenerState& listener);

  // The socket's shard
  /// False: it is over, and the peer begins anew. A datagram that has no room is dropped, and counted.
  [[nodiscard]] bool receive(std::span<const uint8_t> datagram);
  /// `size` bytes came from the peer, and it has shown that it receives what is sent to it.
  void prove(size_t size);
  /// Whether settle() was called.
  [[nodiscard]] bool settled() const;
  /// Nothing will be received any more: the reader gets to the end of the stream.
  void end();

  // The connection's shard
  /// One datagram, the oldest.
  [[nodiscard]] connection::StreamResult read(std::span<uint8_t> into);
  /// Whether read() has something to say.
  [[nodiscard]] bool readable() const;
  void send(std::span<const uint8_t> datagram);
  /// A handshake on it is over: one that begins now is another connection's.
  void settle();
  /// Whom to tell of what is received, on this shard; null: nobody now.
  void watch(DatagramReader* reader);
  void close();

 private:
  void tell_later();
  void tell();

  const std::shared_ptr<UniqueFd> socket_;
  const sockaddr_storage address_;
  const socklen_t address_size_;
  ListenerState& listener_;

  mutable std::mutex mutex_;  // guards what follows
  std::deque<std::vector<uint8_t>> waiting_;
  size_t waiting_bytes_ = 0;
  base::Mailbox* mailbox_ = nullptr;  ///< of the shard of the connection
  DatagramReader* reader_ = nullptr;
  uint64_t received_bytes_ = 0;
  uint64_t sent_bytes_ = 0;
  bool proven_ = false;  ///< the peer has answered to what was sent to its address
  bool settled_ = false;
  bool told_ = false;  ///< mail is on its way
  bool ended_ = false;
  bool closed_ = false;
};

}  // namespace patchbay::net
