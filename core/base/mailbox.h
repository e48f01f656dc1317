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
/// The thread that runs the owner posts too: to itself, and from one shard to another while it runs both. Such *near*
/// mail goes into a row of its own, without any locked operation and without a wake. The order of each poster's mail is
/// kept also when the owner goes to another thread (end_run()).
///
/// Bound: `cost()` is the sum of what producers declared for mail not yet run; a flow shard stops reading from its
/// clients while a target's cost is above its limit (see distribution), so nothing in here is ever dropped.
class Mailbox {
 public:
  using Wake = void (*)(void* context);
  /// Runs `mail` as the owner's, within a call of another shard that the same thread runs. False: not now.
  using RunAtOnce = bool (*)(void* context, Mail& mail);

  /// `wake` is called by the posting thread when the box was empty; it must make the owner call drain() soon. For near
  /// mail nobody is woken. `run_as_owner`: null where nobody else runs the owner.
  Mailbox(Wake wake, void* context, RunAtOnce run_as_owner = nullptr)
      : wake_(wake), context_(context), run_as_owner_(run_as_owner) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;
  ~Mailbox();

  /// [any-thread]
  void post(std::unique_ptr<Mail> mail, uint32_t cost = 1);
  /// Runs `mail`, which stays the caller's, where it would be the next to run anyway: the calling thread runs the owner
  /// besides the shard whose turn it is, and nothing waits in here. False: it was not run, and is to be posted. Not for
  /// mail to the calling shard itself. [any-thread]
  [[nodiscard]] bool run_at_once(Mail& mail) {
    return run_as_owner_ != nullptr && is_run_here() && !has_near_mail() && empty() && run_as_owner_(context_, mail);
  }
  /// Runs all mail that was there when called; returns how many. [owner shard]
  size_t drain();

  /// From now on the calling thread runs the owner: it looks at has_near_mail() before it sleeps. [owner shard]
  void begin_run();
  /// It does so no more: near mail is posted for whoever runs the owner next. A thread that runs several shards calls
  /// this for all of them before one leaves it (and begin_run() again for those that stay), for what the leaving one
  /// posts later must come behind what it has posted. [owner shard]
  void end_run();
  /// Whether there is mail that the running thread itself has posted. [owner shard]
  [[nodiscard]] bool has_near_mail() const { return near_first_ != nullptr; }

  /// Whether there is no mail that drain() has not taken; near mail is not counted. [any-thread]
  [[nodiscard]] bool empty() const { return head_.load(std::memory_order_relaxed) == nullptr; }
  [[nodiscard]] uint64_t cost() const {
    return cost_.load(std::memory_order_relaxed) + near_cost_.load(std::memory_order_relaxed);
  }

 private:
  [[nodiscard]] bool is_run_here() const;
  void post_far(Mail* mail);
  void post_near(Mail* mail);
  [[nodiscard]] Mail* take_far();
  [[nodiscard]] Mail* take_near();
  void add_near_cost(uint64_t cost);
  size_t run(Mail* mail, bool near);
  static void destroy(Mail* mail);

  std::atomic<Mail*> head_{nullptr};
  std::atomic<uint64_t> cost_{0};
  std::atomic<const void*> runner_{nullptr};  ///< the mark of the thread that runs the owner
  Mail* near_first_ = nullptr;                ///< this and the next belong to that thread
  Mail* near_last_ = nullptr;
  std::atomic<uint64_t> near_cost_{0};  ///< written by that thread only
  Wake wake_;
  void* context_;
  RunAtOnce run_as_owner_;
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
