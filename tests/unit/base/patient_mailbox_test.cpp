#include "base/patient_mailbox.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace patchbay::base;

namespace {

struct Wakes {
  std::atomic<int> count{0};
  static void wake(void* self) { ++static_cast<Wakes*>(self)->count; }
};

}  // namespace

TEST_CASE("patient mail wakes nobody, and runs in the order of posting") {
  Wakes wakes;
  PatientMailbox mailbox(&Wakes::wake, &wakes);
  std::vector<int> order;
  for (int i = 0; i < 5; ++i) mailbox.post(make_task([&order, i] { order.push_back(i); }));
  CHECK(wakes.count == 0);
  CHECK(order.empty());
  CHECK(mailbox.drain() == 5);
  CHECK(order == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(mailbox.drain() == 0);
}

TEST_CASE("who hurries wakes the owner of mail that waits, and nobody else") {
  Wakes wakes;
  PatientMailbox mailbox(&Wakes::wake, &wakes);
  mailbox.hurry();
  CHECK(wakes.count == 0);
  mailbox.post(make_task([] {}));
  mailbox.hurry();
  CHECK(wakes.count == 1);
  mailbox.hurry();  // it has not come yet
  CHECK(wakes.count == 2);
  mailbox.drain();
  mailbox.hurry();
  CHECK(wakes.count == 2);
}

TEST_CASE("patient mail that is posted while draining waits for the next time") {
  Wakes wakes;
  PatientMailbox mailbox(&Wakes::wake, &wakes);
  int runs = 0;
  mailbox.post(make_task([&] {
    ++runs;
    mailbox.post(make_task([&runs] { ++runs; }));
  }));
  CHECK(mailbox.drain() == 1);
  CHECK(runs == 1);
  CHECK(mailbox.drain() == 1);
  CHECK(runs == 2);
}

TEST_CASE("patient mail from several threads all runs once, beside the owner's looks") {
  constexpr int kEach = 2'000;
  Wakes wakes;
  PatientMailbox mailbox(&Wakes::wake, &wakes);
  int runs = 0;
  std::vector<std::thread> posters;
  for (int poster = 0; poster < 3; ++poster) {
    posters.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        mailbox.post(make_task([&runs] { ++runs; }));
        mailbox.hurry();
      }
    });
  }
  while (runs < 3 * kEach) mailbox.drain();
  for (std::thread& poster : posters) poster.join();
  CHECK(mailbox.drain() == 0);
  CHECK(runs == 3 * kEach);
}

TEST_CASE("patient mail that nobody ran goes with its mailbox") {
  const auto owned = std::make_shared<int>(1);
  {
    Wakes wakes;
    PatientMailbox mailbox(&Wakes::wake, &wakes);
    mailbox.post(make_task([owned] {}));
    CHECK(owned.use_count() == 2);
  }
  CHECK(owned.use_count() == 1);
}
