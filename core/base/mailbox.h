#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace patchbay::base {

/// One thing for another shard to do. Runs once on the receiving shard; destroyed there.
class Mail {
 public:
  virtual ~Mail() = default;
  virtual void run() = 0;

 private:
  friend class Mailbox;
  Mail* next_ = nullptr;
  uint32_t cost_ = 0;
};

/// The door into a shard: any thread posts, the owner takes everything in the order of posting. Lock-free.
///
/// Bound: `cost()` is the sum of what producers declared for mail not yet run; a flow shard stops reading from its
/// clients while a target's cost is above its limit (see distribution), so nothing in here is ever dropped.
class Mailbox {
 public:
  using Wake = void (*)(void* context);

  /// `wake` is called by the posting thread when the box was empty; it must make the owner call drain() soon.
  Mailbox(Wake wake, void* context) : wake_(wake), context_(context) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  /// [any-thread]
  void post(std::unique_ptr<Mail> mail, uint32_t cost = 1);
  /// Runs all mail that was there when called; returns how many. [owner shard]
  size_t drain();
  /// Whether there is mail that drain() has not taken. [any-thread]
  [[nodiscard]] bool empty() const { return head_.load(std::memory_order_relaxed) == nullptr; }
  [[nodiscard]] uint64_t cost() const { return cost_.load(std::memory_order_relaxed); }

 private:
  std::atomic<Mail*> head_{nullptr};
  std::atomic<uint64_t> cost_{0};
  Wake wake_;
  void* context_;
};

/// Mail made from a callable.
template <class F>
class Task final : public Mail {
 public:
  explicit Task(F function) : function_(std::move(function)) {}
  void run() override { function_(); }

 private:
  F function_;
};

template <class F>
[[nodiscard]] std::unique_ptr<Mail> make_task(F function) {
  return std::make_unique<Task<F>>(std::move(function));
}

}  // namespace patchbay::base
