#include "base/mailbox.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using namespace patchbay::base;

namespace {

struct Wakes {
  int count = 0;
  static void wake(void* self) { ++static_cast<Wakes*>(self)->count; }
};

}  // namespace

TEST_CASE("mail runs in the order of posting, and the owner is woken once for a batch") {
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) mailbox.post(make_task([&order, i] { order.push_back(i); }));
  CHECK(wakes.count == 1);
  CHECK(order.empty());
  CHECK(mailbox.drain() == 5);
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(mailbox.drain() == 0);
  mailbox.post(make_task([] {}));
  CHECK(wakes.count == 2);
}

TEST_CASE("mail that is posted while draining waits for the next drain") {
  const bool near = GENERATE(false, true);
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  if (near) mailbox.begin_run();
  int runs = 0;
  mailbox.post(make_task([&] {
    ++runs;
    mailbox.post(make_task([&runs] { ++runs; }));
  }));
  CHECK(mailbox.drain() == 1);
  CHECK(runs == 1);
  CHECK(wakes.count == (near ? 0 : 2));
  CHECK(mailbox.has_near_mail() == near);
  CHECK(mailbox.drain() == 1);
  CHECK(runs == 2);
}

TEST_CASE("cost counts what has not run yet") {
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  uint64_t cost_inside = 0;
  mailbox.post(make_task([&] { cost_inside = mailbox.cost(); }), 10);
  mailbox.post(make_task([] {}), 5);
  CHECK(mailbox.cost() == 15);
  mailbox.drain();
  CHECK(cost_inside == 15);
  CHECK(mailbox.cost() == 0);
}

TEST_CASE("mail that never runs is destroyed with its box") {
  struct Counted {
    explicit Counted(int* n) : alive(n) { ++*alive; }
    Counted(Counted&& other) noexcept : alive(other.alive) { ++*alive; }
    ~Counted() { --*alive; }
    void operator()() const { FAIL("must not run"); }
    int* alive;
  };
  int alive = 0;
  {
    Wakes wakes;
    Mailbox mailbox(&Wakes::wake, &wakes);
    for (int i = 0; i < 3; ++i) mailbox.post(make_task(Counted(&alive)));
    mailbox.begin_run();
    for (int i = 0; i < 2; ++i) mailbox.post(make_task(Counted(&alive)));
    CHECK(alive == 5);
  }
  CHECK(alive == 0);
}

TEST_CASE("near mail, from the thread that runs the owner, wakes nobody and runs in the order of posting") {
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  std::vector<int> order;
  CHECK_FALSE(mailbox.has_near_mail());
  mailbox.begin_run();
  for (int i = 0; i < 5; ++i) mailbox.post(make_task([&order, i] { order.push_back(i); }), 2);
  CHECK(mailbox.has_near_mail());
  CHECK(mailbox.empty());
  CHECK(mailbox.cost() == 10);
  CHECK(wakes.count == 0);
  CHECK(mailbox.drain() == 5);
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK_FALSE(mailbox.has_near_mail());
  CHECK(mailbox.cost() == 0);
  CHECK(mailbox.drain() == 0);
}

TEST_CASE("mail made from mail that ran does not bring along what stood behind that") {
  class Again final : public Mail {
   public:
    Again(Mailbox& to, int& runs) : to_(to), runs_(runs) {}
    void run() override {
      ++runs_;
      if (left_-- > 0) to_.post(std::make_unique<Again>(*this));
    }

   private:
    Mailbox& to_;
    int& runs_;
    int left_ = 2;
  };
  const bool near = GENERATE(false, true);
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  if (near) mailbox.begin_run();
  int runs = 0;
  int others = 0;
  mailbox.post(std::make_unique<Again>(mailbox, runs));
  mailbox.post(make_task([&others] { ++others; }));
  CHECK(mailbox.drain() == 2);
  CHECK(mailbox.drain() == 1);
  CHECK(mailbox.drain() == 1);
  CHECK(mailbox.drain() == 0);
  CHECK(runs == 3);
  CHECK(others == 1);
}

TEST_CASE("mail of other threads is not near, and what was posted before the owner came to this thread runs first") {
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  std::vector<std::string> order;
  const auto post = [&](const char* name) { mailbox.post(make_task([&order, name] { order.emplace_back(name); })); };
  post("before");
  CHECK(wakes.count == 1);
  mailbox.begin_run();
  post("near");
  std::thread([&] { post("far"); }).join();
  CHECK(mailbox.cost() == 3);
  CHECK(mailbox.drain() == 3);
  CHECK(order == std::vector<std::string>{"before", "far", "near"});
  CHECK(mailbox.cost() == 0);
}

TEST_CASE("near mail is there for whoever runs the owner next, before what is posted from then on") {
  Wakes wakes;
  Mailbox mailbox(&Wakes::wake, &wakes);
  std::vector<int> order;
  const auto post = [&](int number) { mailbox.post(make_task([&order, number] { order.push_back(number); })); };
  mailbox.begin_run();
  for (int i = 0; i < 3; ++i) post(i);
  mailbox.end_run();
  CHECK(wakes.count == 1);
  CHECK_FALSE(mailbox.has_near_mail());
  CHECK_FALSE(mailbox.empty());
  CHECK(mailbox.cost() == 3);
  post(3);
  CHECK_FALSE(mailbox.has_near_mail());
  size_t count = 0;
  std::thread([&] {
    mailbox.begin_run();
    post(4);
    count = mailbox.drain();
    mailbox.end_run();
  }).join();
  CHECK(count == 5);
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(mailbox.cost() == 0);
  mailbox.end_run();  // with nothing left
  CHECK(wakes.count == 1);
}

TEST_CASE("four threads post to one owner: nothing is lost, each thread's order is kept, no wake-up is missed") {
  struct Owner {
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;
    static void wake(void* self) {
      auto& owner = *static_cast<Owner*>(self);
      const std::lock_guard lock(owner.mutex);
      owner.woken = true;
      owner.changed.notify_one();
    }
  } owner;
  constexpr int kThreads = 4;
  constexpr int kMails = 5'000;
  std::vector<int> last(kThreads, -1);
  bool in_order = true;
  int received = 0;
  {
    Mailbox mailbox(&Owner::wake, &owner);
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kMails; ++i) {
          mailbox.post(make_task([&, thread, i] {
            in_order = in_order && last[static_cast<size_t>(thread)] == i - 1;
            last[static_cast<size_t>(thread)] = i;
            ++received;
          }));
        }
      });
    }
    // The owner sleeps until woken; a lost wake-up would leave it asleep for ever, and the test's time limit ends it.
    while (received < kThreads * kMails) {
      {
        std::unique_lock lock(owner.mutex);
        owner.changed.wait(lock, [&owner] { return owner.woken; });
        owner.woken = false;
      }
      mailbox.drain();
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(mailbox.cost() == 0);
  }
  CHECK(in_order);
  CHECK(received == kThreads * kMails);
}

TEST_CASE("mail is run at once only by the thread that runs the owner, and only where it overtakes nothing") {
  struct Owner {
    bool free = true;
    int wakes = 0;
    static void wake(void* self) { ++static_cast<Owner*>(self)->wakes; }
    static bool run_at_once(void* self, Mail& mail) {
      if (!static_cast<Owner*>(self)->free) return false;
      mail.run();
      return true;
    }
  } owner;
  Mailbox mailbox(&Owner::wake, &owner, &Owner::run_at_once);
  int runs = 0;
  auto mail = make_task([&runs] { ++runs; });

  SECTION("nobody is known to run the owner") {
    CHECK_FALSE(mailbox.run_at_once(*mail));
  }
  SECTION("another thread runs the owner") {
    std::thread([&mailbox] { mailbox.begin_run(); }).join();
    CHECK_FALSE(mailbox.run_at_once(*mail));
  }
  SECTION("this thread does no more") {
    mailbox.begin_run();
    mailbox.end_run();
    CHECK_FALSE(mailbox.run_at_once(*mail));
  }
  SECTION("near mail waits") {
    mailbox.begin_run();
    mailbox.post(make_task([] {}));
    CHECK_FALSE(mailbox.run_at_once(*mail));
    CHECK(mailbox.drain() == 1);
    CHECK(mailbox.run_at_once(*mail));
    CHECK(runs == 1);
    runs = 0;
  }
  SECTION("mail of another thread waits") {
    mailbox.begin_run();
    std::thread([&mailbox] { mailbox.post(make_task([] {})); }).join();
    CHECK_FALSE(mailbox.run_at_once(*mail));
    CHECK(mailbox.drain() == 1);
  }
  SECTION("the owner cannot be called now") {
    mailbox.begin_run();
    owner.free = false;
    CHECK_FALSE(mailbox.run_at_once(*mail));
  }
  SECTION("the box has no way to call its owner") {
    Mailbox plain(&Owner::wake, &owner);
    plain.begin_run();
    CHECK_FALSE(plain.run_at_once(*mail));
  }
  CHECK(runs == 0);

  SECTION("it stays the caller's, costs nothing and wakes nobody") {
    mailbox.begin_run();
    for (int i = 0; i < 3; ++i) CHECK(mailbox.run_at_once(*mail));
    CHECK(runs == 3);
    CHECK(mailbox.cost() == 0);
    CHECK_FALSE(mailbox.has_near_mail());
    CHECK(owner.wakes == 0);
    mailbox.post(std::move(mail));
    CHECK(mailbox.drain() == 1);
    CHECK(runs == 4);
  }
}
