// How a connection ends: last words leave, the machine is told, and the peer gets time to read them.
//
// A descriptor that is closed while bytes of the peer are unread, or that gets some afterwards, makes the kernel answer
// with a reset, and a reset may throw away what the peer has not read yet: the DISCONNECT that says why. So we end our
// side only, and throw away what comes until the peer ends its own (RFC 1122 4.2.2.13).

#include <utility>

#include "connection/connection.h"
#include "connection/connection_home.h"

namespace patchbay::connection {

using base::Counter;
using session::CloseReason;

void Connection::close(CloseReason reason) {
  if (state_ != State::open) return;
  state_ = State::closing;
  reason_ = reason;
  has_last_words_ = !output_.empty();
  if (stall_ != nullptr) watch_stall(home_.limits().linger_ms);
  output_added();
}

void Connection::kick(CloseReason reason) {
  if (state_ != State::open) return;
  if (machine_ != nullptr) {
    home_.machine_called();
    machine_->on_kick(reason);
  }
  close(reason);
}

void Connection::give_up(CloseReason reason) {
  if (state_ == State::open && reason == CloseReason::slow_consumer) {
    home_.services().count(Counter::connections_closed_slow_consumer);
  }
  given_up_ = true;
  close(reason);
  output_added();
}

void Connection::watch_stall(uint64_t delay_ms) {
  if (stall_ == nullptr) {
    stall_ = std::make_unique<Stall>();
    stall_->timer.bind(&Connection::stalled, this);
  }
  home_.services().start(stall_->timer, delay_ms);
}

void Connection::stalled(void* self) {
  auto& connection = *static_cast<Connection*>(self);
  if (connection.state_ == State::lingering) return connection.end_linger(true);
  connection.give_up(CloseReason::slow_consumer);
}

void Connection::finish() {
  state_ = State::closed;
  stall_.reset();
  if (facts_.extras != nullptr) facts_.extras->detection.stop();
  const bool lingers = should_linger() && stream_->finish_sending();
  if (!lingers) stream_->close();
  if (machine_ != nullptr) {
    home_.machine_called();
    machine_->on_closed(reason_);
  }
  tell_closed();
  output_.clear(*pool_);
  if (lingers && home_.begin_linger()) {
    linger();
  } else {
    if (lingers) stream_->close();
    home_.bury(*this);
  }
}

bool Connection::should_linger() const {
  if (home_.limits().linger_ms == 0) return false;
  switch (reason_) {
    case CloseReason::peer_closed:
      return false;
    case CloseReason::slow_consumer:
      return !given_up_;  // whoever takes nothing does not read the end either
    case CloseReason::normal:
      return has_last_words_;
    case CloseReason::transport_error:  // the transport may have said why: a TLS alert, a WebSocket close frame
    default:
      return !given_up_ || reason_ == CloseReason::transport_error;
  }
}

void Connection::linger() {
  state_ = State::lingering;
  home_.services().count(Counter::connections_lingered);
  // What a protocol needs goes now: only the descriptor waits.
  machine_.reset();
  facts_.extras.reset();
  unread_.clear();
  watch_stall(home_.limits().linger_ms);
  stall_->linger_bytes_left = home_.limits().linger_bytes;
  discard_input();
}

void Connection::discard_input() {
  size_t& left = stall_->linger_bytes_left;
  for (uint32_t reads = home_.limits().reads_per_turn; reads != 0; --reads) {
    if (left == 0) return end_linger(true);
    const StreamResult result = stream_->discard(left);
    if (result.status == StreamStatus::would_block) return;
    if (result.status != StreamStatus::ok) return end_linger(false);
    left -= result.bytes;
  }
  stream_->request_turn();
}

void Connection::end_linger(bool cut) {
  state_ = State::closed;
  if (cut) home_.services().count(Counter::connections_linger_cut);
  stall_.reset();
  stream_->close();
  home_.end_linger();
  home_.bury(*this);
}

}  // namespace patchbay::connection
