#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/timer_wheel.h"
#include "net/readiness.h"
#include "net/tls_client.h"
#include "net/unique_fd.h"
#include "patchbay/transport.h"
#include "plugin_services/outgoing_target.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

class OutgoingStream;

/// Whoever keeps streams; told once of each that has ended. [shard]
class OutgoingStreamOwner {
 public:
  virtual void ended(OutgoingStream& stream) = 0;

 protected:
  ~OutgoingStreamOwner() = default;
};

/// One outgoing connection of a plugin in the loop of its shard: TCP, TLS, or a connected UDP socket. Made anywhere,
/// then [shard] only. The plugin is called from turns of its own, never from within what it asks for.
class OutgoingStream final : private net::ReadinessEntry, public std::enable_shared_from_this<OutgoingStream> {
 public:
  static constexpr size_t kBusyBytes = size_t{256} << 10;          ///< of output that waits: write() says BUSY
  static constexpr size_t kMaximumOutputBytes = size_t{16} << 20;  ///< of output that waits; more: closed
  static constexpr size_t kMaximumInputBytes = size_t{1} << 20;    ///< that on_bytes() lets wait; more: closed
  static constexpr uint64_t kGoodbyeMs = 5'000;                    ///< for what is queued when it is closed

  OutgoingStream(ServiceAccount& account, OutgoingStreamOwner& owner, uint64_t id, OutgoingTarget target,
                 const patchbay_stream_events& events, void* self);
  ~OutgoingStream() override;

  [[nodiscard]] uint64_t id() const { return id_; }
  [[nodiscard]] const OutgoingTarget& target() const { return target_; }

  /// The time to connect runs from here.
  void begin();
  /// Where to, in the order in which it is tried. With TLS: `trusted`.
  void connect(std::vector<OutgoingAddress> addresses, std::shared_ptr<const net::TlsClientContext> trusted);
  /// It ends here: the plugin's last call. Not from within one of its calls.
  void end(const std::string& text);

  // What the plugin asks for.
  patchbay_status write(const patchbay_bytes* spans, size_t count);
  patchbay_status close();

 private:
  enum class State : uint8_t { resolving, connecting, shaking, open, ended };

  void on_ready(uint32_t) override { advance(); }
  void on_turn() override { advance(); }
  static void late(void* self);

  void connect_next(const std::string& last_failure);
  [[nodiscard]] bool begin_connect(const OutgoingAddress& address, std::string& failure);
  void drop_socket();
  void advance();
  void finish_connect();
  void shake_hands();
  void opened();
  void read();
  void read_datagrams();
  [[nodiscard]] bool take_input(std::string_view bytes);
  void deliver();
  /// Calls on_bytes(); how much was consumed.
  size_t deliver(std::string_view bytes);
  void flush();
  patchbay_status write_datagram(const patchbay_bytes* spans, size_t count);
  /// It ends in its next turn, or now where this is its own.
  void end_soon(std::string text);
  [[nodiscard]] size_t waiting_bytes() const { return output_.size() - sent_; }
  [[nodiscard]] bool alive() const { return state_ != State::ended && end_text_.empty(); }

  ServiceAccount& account_;
  OutgoingStreamOwner& owner_;
  const uint64_t id_;
  const OutgoingTarget target_;
  const patchbay_stream_events events_;
  void* const self_;

  State state_ = State::resolving;
  bool blocked_ = false;  ///< write() has said BUSY
  bool closing_ = false;  ///< the plugin has asked for it
  bool peer_ended_ = false;
  std::string end_text_;  ///< not empty: it ends
  net::UniqueFd fd_;
  base::Timer timer_;
  std::vector<OutgoingAddress> addresses_;
  size_t next_address_ = 0;
  std::shared_ptr<const net::TlsClientContext> trusted_;
  std::unique_ptr<net::TlsClient> tls_;
  std::string input_;
  size_t need_ = 0;
  std::string output_;
  size_t sent_ = 0;  ///< of output_
};

}  // namespace patchbay::plugin_services
