#include "admin/late_answers.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <cstdint>
#include <utility>

namespace patchbay::admin {

LateAnswers::LateAnswers(net::UniqueFd wake)
    : wake_(std::move(wake)),
      mailbox_(
          [](void* self) {
            auto& answers = *static_cast<LateAnswers*>(self);
            // Read by writing, so that either this sees that nobody looks any more, or who says so sees what was
            // posted.
            if (answers.expecting_.fetch_or(0) != 0) return;
            constexpr uint64_t kOne = 1;
            static_cast<void>(!::write(answers.wake_.get(), &kOne, sizeof kOne));
          },
          this) {}

std::shared_ptr<LateAnswers> LateAnswers::create() {
  net::UniqueFd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return nullptr;
  return std::shared_ptr<LateAnswers>(new LateAnswers(std::move(wake)));
}

// Told of each write, not of what has been written: it is never read.
void LateAnswers::watch_in(int epoll) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  event.data.ptr = this;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, wake_.get(), &event);
}

// What was posted just before the end of expecting has woken nobody, and as long as it lies here nothing else would.
void LateAnswers::set_expecting(bool expecting) {
  if (expecting_.exchange(expecting ? 1 : 0) != 0 && !expecting) mailbox_.drain();
}

void LateAnswers::post(std::function<void()> work) {
  mailbox_.post(base::make_task(std::move(work)));
}

void LateAnswers::take_all() {
  mailbox_.drain();
}

}  // namespace patchbay::admin
