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
            constexpr uint64_t kOne = 1;
            static_cast<void>(!::write(static_cast<LateAnswers*>(self)->wake_.get(), &kOne, sizeof kOne));
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

void LateAnswers::post(std::function<void()> work) {
  mailbox_.post(base::make_task(std::move(work)));
}

void LateAnswers::take_all() {
  mailbox_.drain();
}

}  // namespace patchbay::admin
