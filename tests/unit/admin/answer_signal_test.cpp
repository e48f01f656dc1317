#include "admin/answer_signal.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

using patchbay::admin::AnswerSignal;

TEST_CASE("An answer that is there is not waited for, and each is taken once") {
  AnswerSignal signal;
  signal.give();
  CHECK(signal.wait_ms(0));
  CHECK_FALSE(signal.wait_ms(0));
  CHECK_FALSE(signal.wait_ms(3));
}

TEST_CASE("What was written before the signal is seen by who waited for it") {
  for (int round = 0; round < 200; ++round) {
    struct Shared {
      int answer = 0;
      AnswerSignal is_there;
    };
    const auto shared = std::make_shared<Shared>();
    std::thread giver([shared, round] {
      shared->answer = round + 1;
      shared->is_there.give();
    });
    CHECK(shared->is_there.wait_ms(20'000));
    CHECK(shared->answer == round + 1);
    giver.join();
  }
}
