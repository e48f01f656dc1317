#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/mailbox.h"
#include "net/unique_fd.h"

namespace patchbay::admin {

/// The way back to the thread that collects requests: others post what it is to do, and its epoll tells it of that. Who
/// posts, a shard for one, never waits; nor does it even wake the owner while that looks by itself. Held together by
/// all who may still post, so that it outlives its owner.
class LateAnswers {
 public:
  /// Nothing: no descriptors left.
  [[nodiscard]] static std::shared_ptr<LateAnswers> create();
  LateAnswers(const LateAnswers&) = delete;
  LateAnswers& operator=(const LateAnswers&) = delete;
  ~LateAnswers() = default;

  /// The event's pointer is this object. [owner]
  void watch_in(int epoll);
  /// Whether the owner calls take_all() again and again, because it expects answers soon, and need not be told. [owner]
  void set_expecting(bool expecting);
  /// `work` is run by the owner, or thrown away where there is none any more. [any-thread]
  void post(std::function<void()> work);
  /// Does what has been posted. [owner]
  void take_all();

 private:
  explicit LateAnswers(net::UniqueFd wake);

  net::UniqueFd wake_;
  std::atomic<uint32_t> expecting_{0};
  base::Mailbox mailbox_;
};

}  // namespace patchbay::admin
