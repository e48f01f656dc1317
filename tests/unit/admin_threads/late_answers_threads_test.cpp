#include "admin/late_answers.h"

#include <sys/epoll.h>

#include <catch2/catch.hpp>
#include <thread>

using patchbay::admin::LateAnswers;
using patchbay::net::UniqueFd;

namespace {

/// An owner that waits for answers as the collecting thread does.
struct Owner {
  Owner() : epoll(::epoll_create1(EPOLL_CLOEXEC)), answers(LateAnswers::create()) {
    REQUIRE(answers != nullptr);
    answers->watch_in(epoll.get());
  }
  /// Whether it has been told since it was asked last.
  [[nodiscard]] bool told(int patience_ms = 0) const {
    epoll_event event{};
    return ::epoll_wait(epoll.get(), &event, 1, patience_ms) == 1 && event.data.ptr == answers.get();
  }
  UniqueFd epoll;
  std::shared_ptr<LateAnswers> answers;
};

}  // namespace

TEST_CASE("the owner is told of answers unless it looks for them by itself") {
  const Owner owner;
  int made = 0;
  owner.answers->post([&] { ++made; });
  CHECK(owner.told());
  CHECK_FALSE(owner.told());
  owner.answers->take_all();
  CHECK(made == 1);

  owner.answers->set_expecting(true);
  owner.answers->post([&] { ++made; });
  CHECK_FALSE(owner.told());
  CHECK(made == 1);
  owner.answers->take_all();
  CHECK(made == 2);

  // What came while it looked is not left behind, and is not in the way of what comes later.
  owner.answers->post([&] { ++made; });
  owner.answers->set_expecting(false);
  CHECK(made == 3);
  owner.answers->post([&] { ++made; });
  CHECK(owner.told());
  owner.answers->take_all();
  CHECK(made == 4);
}

TEST_CASE("no answer is left behind when the owner stops looking while others post") {
  const Owner owner;
  constexpr int kAnswers = 20'000;
  int made = 0;
  const auto post = [&] {
    for (int i = 0; i < kAnswers; ++i) owner.answers->post([&made] { ++made; });
  };
  std::thread one(post);
  std::thread other(post);
  // Looks and waits in turn; each wait ends because it is told, or what has woken nobody was taken before.
  bool timed_out = false;
  for (int round = 0; made < 2 * kAnswers && !timed_out; ++round) {
    owner.answers->set_expecting(true);
    owner.answers->take_all();
    owner.answers->set_expecting(false);
    if (made < 2 * kAnswers) timed_out = !owner.told(10'000);
    owner.answers->take_all();
  }
  one.join();
  other.join();
  CHECK_FALSE(timed_out);
  owner.answers->take_all();
  CHECK(made == 2 * kAnswers);
}
