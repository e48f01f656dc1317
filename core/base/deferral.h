#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/log.h"
#include "base/shard_services.h"
#include "base/verdict.h"

namespace patchbay::base {

/// Names one question that may be answered later: shard, generation and slot in 64 bits, no pointer, so that an answer
/// that comes too late can do no harm. 0 is no token: the question can't be deferred. [any-thread]
struct Token {
  static constexpr unsigned kSlotBits = 20;
  static constexpr unsigned kGenerationBits = 36;
  static constexpr uint64_t kGenerationMask = (uint64_t{1} << kGenerationBits) - 1;

  uint64_t value = 0;

  static constexpr Token make(ShardId shard, uint64_t generation, uint32_t slot) {
    return {(uint64_t{shard} << 56) | ((generation & kGenerationMask) << kSlotBits) | slot};
  }
  [[nodiscard]] constexpr ShardId shard() const { return static_cast<ShardId>(value >> 56); }
  [[nodiscard]] constexpr uint64_t generation() const { return (value >> kSlotBits) & kGenerationMask; }
  [[nodiscard]] constexpr uint32_t slot() const {
    return static_cast<uint32_t>(value & ((uint64_t{1} << kSlotBits) - 1));
  }
  constexpr explicit operator bool() const { return value != 0; }
  friend constexpr bool operator==(Token, Token) = default;
};

enum class CompletionStatus : uint8_t {
  accepted,  ///< this answer counts and will reach the asker, unless the asker goes away first
  stale,     ///< too late: answered before, out of time, or the asker is gone
  invalid,   ///< never was a token of this table
};

/// How a question ended for those who were asked.
enum class TokenEnd : uint8_t {
  answered,   ///< in time
  late,       ///< the deadline has passed: the fallback counts
  cancelled,  ///< the asker is gone, or was answered otherwise, before anybody answered
  unheard,    ///< answered in time, but the asker is gone
};

/// Role: told when a question that somebody has deferred ends. [shard]
class TokenWatcher {
 public:
  /// `verdict`: what the asker is about to be told, which may be changed; empty when it is gone.
  virtual void token_ended(Token token, TokenEnd end, Verdict& verdict) noexcept = 0;

 protected:
  ~TokenWatcher() = default;
};

class Deferrals;

/// The asker's side of one deferred question, embedded in the asker. Destroying it cancels the question. [shard]
class Pending {
 public:
  /// Called once, on the asker's shard, never from within the call that opened the question. May destroy the Pending.
  /// Takes over the verdict's argument.
  using Callback = void (*)(void* owner, Verdict verdict);

  Pending(Callback callback, void* owner) : callback_(callback), owner_(owner) {}
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;
  ~Pending() { cancel(); }

  [[nodiscard]] bool open() const { return deferrals_ != nullptr; }
  [[nodiscard]] Token token() const { return token_; }
  /// Gives the question up; a later answer is stale. Idempotent.
  void cancel();

 private:
  friend class Deferrals;
  Callback callback_;
  void* owner_;
  Deferrals* deferrals_ = nullptr;
  Token token_;
};

/// The open questions of one shard. Each has a deadline and a fallback; each is answered exactly once. Outlives every
/// Pending and every thread that completes. [shard] except complete().
class Deferrals {
 public:
  static constexpr uint32_t kDefaultMaximumOpen = 16'384;  ///< access.max_open_deferrals
  static constexpr uint32_t kMaximumOpen = 1u << Token::kSlotBits;
  static constexpr uint32_t kMaximumDeadlineMs = 300'000;

  explicit Deferrals(ShardServices& services, uint32_t maximum_open = kDefaultMaximumOpen);
  ~Deferrals();
  Deferrals(const Deferrals&) = delete;
  Deferrals& operator=(const Deferrals&) = delete;

  /// A token to hand to a hook before it is known whether it will defer; an answer is taken from this moment on. Empty
  /// when `maximum_open` questions are open. Follow with commit() or release().
  [[nodiscard]] Token reserve();
  /// The hook answered at once: the token is void from here on.
  void release(Token token);
  /// The hook deferred: `pending` waits until complete(), or gets `fallback` after `deadline_ms` (1 to
  /// kMaximumDeadlineMs). False when the token is empty: the caller applies the fallback itself, at once.
  [[nodiscard]] bool commit(Token token, Pending& pending, uint32_t deadline_ms, Verdict fallback);
  /// reserve() and commit() in one, for askers inside the core. Empty when over the limit.
  [[nodiscard]] Token open(uint32_t deadline_ms, Verdict fallback, Pending& pending);

  /// Tells `watcher`, which must live until then, how the question of an open token ends; once. [shard]
  void watch(Token token, TokenWatcher& watcher);

  /// Answers. The verdict's argument is taken over whatever the status. May come before the hook has returned. The
  /// asker is told by way of its shard's mailbox. [any-thread]
  CompletionStatus complete(Token token, Verdict verdict);

  /// Questions open now, reserved ones included.
  [[nodiscard]] uint32_t open_count() const { return open_count_; }
  /// Adds stale answers, which other threads count apart, to the shard's counters. Also done by commit and delivery.
  void fold_counters();
  /// An entry deferred where it could not: over the limit, or at a point that doesn't wait.
  void count_refused();
  /// One rate-limited line that names who did not answer.
  void log_missing_answer(std::string_view entry, bool late);

  [[nodiscard]] ShardServices& services() const { return services_; }

 private:
  friend class Pending;
  class Completion;
  struct Slot;
  struct Chunk;
  static constexpr uint32_t kChunkSlots = 64;
  static constexpr uint32_t kNoSlot = ~uint32_t{0};

  [[nodiscard]] Slot* find(Token token) const;
  bool grow();
  void close(Slot& slot);
  void cancel(Token token);
  void deliver(Token token, Verdict& verdict);
  void expire(Slot& slot);
  void answer(Slot& slot, Verdict verdict, TokenEnd end);
  void tell_watcher(Slot& slot, TokenEnd end, Verdict& verdict);

  ShardServices& services_;
  uint32_t maximum_open_;
  uint32_t slot_count_ = 0;
  uint32_t open_count_ = 0;
  uint32_t free_ = kNoSlot;
  std::atomic<uint64_t> stale_{0};
  uint64_t stale_folded_ = 0;
  std::unique_ptr<std::atomic<Chunk*>[]> chunks_;
  LogLimiter limiter_;
};

/// Finds the shard that a token belongs to: the one address that plugins complete to. Shards are attached before any
/// token exists and detached after every completing thread has been joined. [any-thread] except where marked.
class CompletionRouter {
 public:
  /// [control]
  void attach(ShardId shard, Deferrals* deferrals) { tables_[shard].store(deferrals, std::memory_order_release); }
  CompletionStatus complete(Token token, Verdict verdict) const;
  /// See Deferrals::watch(). Only for tokens of the calling shard. [shard]
  void watch(Token token, TokenWatcher& watcher) const;

 private:
  static constexpr size_t kMaximumShards = 256;
  std::array<std::atomic<Deferrals*>, kMaximumShards> tables_{};
};

}  // namespace patchbay::base
