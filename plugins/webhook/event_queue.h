#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "event.h"
#include "spool.h"

namespace patchbay::webhook {

enum class Overflow : uint8_t { drop_oldest, drop_newest };

/// Why an event is not sent, ever. The names stand in metrics.
enum class DropReason : uint8_t {
  buffer_full,  ///< no spool, and the memory buffer is full
  spool_full,   ///< the spool is full, or the disk refuses
  rejected,     ///< the target says that it will never take it
  expired,      ///< older than retry.max_age
  damaged,      ///< the spool's file can't be read here
  intake_full,  ///< more came at once than the sender could take over
};
constexpr size_t kDropReasons = 6;
[[nodiscard]] std::string_view drop_reason_name(DropReason reason);

struct QueueOptions {
  uint64_t memory_bytes_max = 32ULL << 20;
  Overflow overflow = Overflow::drop_oldest;
  bool spool_always = false;  ///< every event goes through the spool, so that the end of the process loses none
  bool ordered = true;        ///< events with the same key stay in order: each lane has its own
  size_t lanes = 4;
  size_t batch_events_max = 1;
  size_t batch_bytes_max = 1U << 20;
  uint64_t batch_wait_ms = 100;
};

/// An event out of the queue, on its way. It stays the queue's until done(), and counts for its limit.
struct HeldEvent {
  QueuedEvent event;
  uint64_t spool_number = 0;  ///< 0: it is in memory only
  uint64_t queued_at_ms = 0;
};
using Batch = std::vector<HeldEvent>;

/// The events that wait for one target: in memory, behind them on the disk. Each lane is in order; without order there
/// is one lane, from which everybody takes. One thread uses it: the sender's.
class EventQueue {
 public:
  using Drops = std::array<uint64_t, kDropReasons>;
  explicit EventQueue(const QueueOptions& options);

  /// What waits in memory already goes behind what the spool has of an earlier life.
  void attach(std::unique_ptr<Spool> spool);
  void push(QueuedEvent event, uint64_t now_ms);

  /// The next batch of a lane, if it is due: full, or its first event has waited long enough. All of it goes to the
  /// same place: a batch ends where the next event goes elsewhere. Empty: nothing is due.
  [[nodiscard]] Batch take(size_t lane, uint64_t now_ms);
  /// The events have arrived, or are given up.
  void done(const Batch& batch);
  /// Puts everything onto the disk, in order; what is taken and not done is in `taken`. False: there is no spool, all
  /// is on it, or the disk refuses; nothing has changed then. Otherwise `taken` is the queue's again.
  [[nodiscard]] bool put_on_disk(const std::vector<const Batch*>& taken);

  /// A request has failed: what comes from now on waits on the disk, where there is one, and no more than another
  /// batch's bytes are read from it until the next failure, so that lanes which don't fail have something to go on
  /// with. What is in memory already stays there, in front of it.
  void prefer_disk();
  /// The target takes events again.
  void memory_will_do();

  /// When this lane is due; nothing: not by itself.
  [[nodiscard]] std::optional<uint64_t> due_ms(size_t lane) const;
  [[nodiscard]] bool empty() const { return held_events_ == 0 && unread() == 0; }
  [[nodiscard]] uint64_t memory_bytes() const { return memory_bytes_; }
  [[nodiscard]] uint64_t memory_events() const { return held_events_; }
  [[nodiscard]] uint64_t spool_bytes() const { return spool_ ? spool_->bytes() : 0; }
  /// The time of the oldest event that waits in a lane or on the disk; 0: none does.
  [[nodiscard]] uint64_t oldest_unix_ms() const;
  /// What was dropped since the last call.
  Drops take_drops();
  void sync();

 private:
  [[nodiscard]] uint64_t unread() const { return spool_ ? spool_->unread_bytes() : 0; }
  void drop(DropReason reason, uint64_t events = 1) { drops_[static_cast<size_t>(reason)] += events; }
  void to_memory(QueuedEvent event, uint64_t spool_number, uint64_t now_ms);
  void to_spool(const QueuedEvent& event);
  /// Makes room in memory, where there is no spool. False: there is none.
  bool make_room(uint64_t bytes);
  [[nodiscard]] bool may_refill() const;
  void refill();
  [[nodiscard]] size_t lane_of(uint64_t key) const { return options_.ordered ? key % lanes_.size() : 0; }
  struct Lane {
    std::deque<HeldEvent> events;
    uint64_t bytes = 0;
  };
  [[nodiscard]] bool is_full_batch(const Lane& lane) const;

  QueueOptions options_;
  std::vector<Lane> lanes_;
  std::unique_ptr<Spool> spool_;
  uint64_t memory_bytes_ = 0;  // of lanes and of what is taken
  uint64_t held_events_ = 0;
  uint64_t memory_only_ = 0;  // of held_events_, those that are not on the disk
  uint64_t read_ahead_max_;   // bytes in memory up to which the disk is read
  bool to_disk_ = false;      // the target fails or is down: nothing more may be in memory only
  Drops drops_{};
};

}  // namespace patchbay::webhook
