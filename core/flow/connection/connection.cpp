#include "connection/connection.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "connection/connection_home.h"

namespace patchbay::connection {

using base::Counter;
using session::CloseReason;

Connection::Connection(ConnectionHome& home, std::unique_ptr<Stream> stream, UnreadBytes unread, ConnectionFacts facts)
    : home_(home), stream_(std::move(stream)), facts_(std::move(facts)), unread_(std::move(unread)) {
  pool_ = &home.pool();
  high_water_ = static_cast<uint32_t>(home.limits().write_high_water);
}

Connection::~Connection() {
  output_.clear(*pool_);
}

void Connection::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  if (state_ != State::open) return;
  unread_ready_ = true;
  stream_->request_turn();
}

void Connection::move_to(base::ShardId shard) {
  if (state_ != State::open) return;
  move_target_ = shard;
  stream_->request_turn();  // in case the machine asks at another time than during on_bytes()
}

session::TransferTraffic Connection::transfers() const {
  session::TransferTraffic traffic{facts_.bytes_received, facts_.bytes_sent};
  if (machine_ != nullptr) traffic.reads = machine_->reads();
  if (machine_ != nullptr) traffic.writes = machine_->writes();
  return traffic;
}

void Connection::want_flush() {
  flush_wanted_ = true;
  home_.flush_later(*this);
}

// Reading ------------------------------------------------------------------------------------------------------------

void Connection::on_readable() {
  if (state_ == State::lingering) return discard_input();
  if (state_ != State::open) return;
  if (move_target_ != base::kNoShard) {
    leave();
    return;
  }
  if (paused_ || throttled_) return;
  if (unread_ready_) {
    unread_ready_ = false;
    if (!unread_.empty() && unread_.size() >= need_) {
      const UnreadBytes kept = std::move(unread_);
      deliver(kept.bytes());
    }
  }
  for (uint32_t reads = home_.limits().reads_per_turn; state_ == State::open && !paused_ && !throttled_; --reads) {
    if (reads == 0) {
      stream_->request_turn();
      return;
    }
    if (!read_once()) return;
  }
}

bool Connection::read_once() {
  // A packet that would fill much of the shared buffer is read to where it is kept anyway.
  const size_t shared_size = home_.limits().read_buffer;
  return need_ > shared_size / 2 || unread_.size() > shared_size / 2 ? read_large() : read_small();
}

StreamResult Connection::read_some(std::span<uint8_t> into) {
  TokenBucket* bytes = facts_.throttle() == nullptr ? nullptr : &facts_.throttle()->bytes;
  if (bytes != nullptr) {
    into = into.first(std::min<uint64_t>(into.size(), bytes->available(home_.services().now_ms)));
    if (into.empty()) {
      pause_for_rate(*bytes);
      return {StreamStatus::would_block, 0};
    }
  }
  const StreamResult result = stream_->read(into);
  if (!facts_.opened() && state_ == State::open && stream_->established()) opened();
  if (result.status != StreamStatus::ok) return result;
  home_.services().count(Counter::bytes_received, result.bytes);
  facts_.bytes_received += result.bytes;
  if (machine_ != nullptr) machine_->count_read();
  if (facts_.throttle() != nullptr) facts_.throttle()->bytes.take(result.bytes);
  return result;
}

bool Connection::read_small() {
  uint8_t* buffer = home_.read_buffer();
  const size_t kept = unread_.size();
  if (kept != 0) std::memcpy(buffer, unread_.bytes().data(), kept);
  const StreamResult result = read_some({buffer + kept, home_.limits().read_buffer - kept});
  if (result.status != StreamStatus::ok) {
    ended(result.status);
    return false;
  }
  deliver({buffer, kept + result.bytes});
  return !result.drained;
}

bool Connection::read_large() {
  const size_t wanted = need_ > unread_.size() ? need_ : unread_.size() + kReadStep;
  const StreamResult result = read_some(unread_.room(wanted));
  if (result.status != StreamStatus::ok) {
    ended(result.status);
    return false;
  }
  unread_.added(result.bytes);
  if (unread_.size() < need_) return true;
  const UnreadBytes kept = std::move(unread_);
  deliver(kept.bytes());
  return true;
}

void Connection::deliver(std::span<const uint8_t> bytes) {
  if (bytes.size() < need_ || (machine_ == nullptr && !detect(bytes))) {
    unread_.assign(state_ == State::open ? bytes : std::span<const uint8_t>{});
    return;
  }
  size_t need = 0;
  home_.machine_called();
  const size_t consumed = machine_->on_bytes(bytes, need);
  PATCHBAY_ASSERT(consumed <= bytes.size());
  const std::span<const uint8_t> rest = bytes.subspan(consumed);
  if (state_ != State::open) {
    unread_.clear();
    return;
  }
  unread_.assign(rest);
  need_ = static_cast<uint32_t>(std::min(need, home_.limits().unread_limit));
  if (move_target_ != base::kNoShard) {
    leave();
  } else if (rest.size() >= home_.limits().unread_limit) {
    close(CloseReason::limit);
  } else if (!paused_ && !throttled_ && need != 0 && need <= rest.size()) {
    // The machine stopped although it could go on: it wants others to have their turn.
    unread_ready_ = true;
    stream_->request_turn();
  }
}

void Connection::ended(StreamStatus status) {
  if (status == StreamStatus::end) {
    close(CloseReason::peer_closed);
  } else if (status == StreamStatus::failed) {
    give_up(CloseReason::transport_error);
  }
}

void Connection::leave() {
  // What is written already belongs in front of whatever the next machine writes: flush() leaves when it is sent.
  if (!output_.empty()) return;
  state_ = State::leaving;
  stall_.reset();
  if (facts_.throttle() != nullptr) facts_.throttle()->resume.stop();
  stream_->watch(nullptr);
  machine_.reset();
  home_.depart(*this);
}

// Writing ------------------------------------------------------------------------------------------------------------

void Connection::on_writable() {
  blocked_ = false;
  if (state_ == State::open || state_ == State::closing) output_added();
}

bool Connection::make_room() {
  bool progress = false;
  if (state_ == State::open && !blocked_ && !write_output(progress)) give_up(CloseReason::transport_error);
  congested_ = congested_ || output_.size() >= high_water_;
  return output_.size() < high_water_;
}

void Connection::flush() {
  if (state_ != State::open && state_ != State::closing) return;
  if (given_up_) {
    finish();
    return;
  }
  congested_ = congested_ || output_.size() >= high_water_;
  bool progress = false;
  if (!write_output(progress)) {
    give_up(CloseReason::transport_error);
    return;
  }
  if (output_.empty() && !stream_->has_pending_output()) {
    stall_.reset();
    if (state_ == State::closing) {
      finish();
      return;
    }
    if (move_target_ != base::kNoShard) {
      leave();
      return;
    }
  } else {
    output_waits(progress);
  }
  if (congested_ && state_ == State::open && output_.size() <= high_water_ / 2) tell_writable();
}

StreamResult Connection::write_some(std::span<const std::span<const uint8_t>> pieces) {
  const StreamResult result = stream_->write(pieces);
  blocked_ = result.status == StreamStatus::would_block;
  if (result.status != StreamStatus::ok) return result;
  home_.services().count(Counter::bytes_sent, result.bytes);
  facts_.bytes_sent += result.bytes;
  if (machine_ != nullptr) machine_->count_write();
  return result;
}

size_t Connection::send_now(std::span<const std::span<const uint8_t>> pieces) {
  if (state_ != State::open || blocked_ || given_up_) return 0;
  const StreamResult result = write_some(pieces);
  if (result.status == StreamStatus::ok) return result.bytes;
  if (!blocked_) give_up(CloseReason::transport_error);
  return 0;
}

StreamResult Connection::write_front() {
  if (const std::span<const uint8_t> only = output_.only_piece(); !only.empty()) return write_some({&only, 1});
  std::array<std::span<const uint8_t>, kPieces> pieces;
  const size_t count = output_.gather(pieces);
  return write_some({pieces.data(), count});
}

bool Connection::write_output(bool& progress) {
  while (!output_.empty() || stream_->has_pending_output()) {
    const StreamResult result = write_front();
    if (blocked_) return true;
    if (result.status != StreamStatus::ok) return false;
    output_.consume(*pool_, result.bytes);
    progress = true;
    if (result.bytes == 0 && stream_->has_pending_output()) return true;
  }
  return true;
}

void Connection::output_waits(bool progress) {
  if (output_.size() > home_.limits().write_hard_limit) {
    give_up(CloseReason::slow_consumer);
  } else if (state_ == State::closing) {
    if (stall_ == nullptr) watch_stall(home_.limits().linger_ms);
  } else if (progress || stall_ == nullptr) {
    watch_stall(uint64_t{home_.limits().send_timeout_s} * 1000);
  }
}

void Connection::tell_writable() {
  congested_ = false;
  if (machine_ == nullptr) return;
  home_.machine_called();
  machine_->on_writable();
}

}  // namespace patchbay::connection
