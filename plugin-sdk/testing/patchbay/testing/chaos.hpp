// SPDX-License-Identifier: Apache-2.0
// What a bad day does to a plugin: work in another order, on other threads, timers late, clients that leave in the
// middle of a question, answers that come too late. The same seed makes the same day, except for what threads do.
#pragma once

#include <functional>
#include <random>
#include <thread>

#include "patchbay/testing/fake_host.hpp"

namespace patchbay::testing {

class chaos {
 public:
  chaos(fake_host& host, std::uint64_t seed) : host_(host), random_(seed) {
    host_.work.pick = [this](std::size_t count) { return below(count); };
    host_.points.stale_one_in = 16;
    host_.points.chance = [this](std::uint64_t n) { return below(n); };
  }
  chaos(const chaos&) = delete;
  chaos& operator=(const chaos&) = delete;
  ~chaos() {
    host_.work.pick = nullptr;
    host_.points.stale_one_in = 0;
  }

  /// Asks `count` questions made by `ask`, and does something bad between them. Afterwards every question has been
  /// answered, has fallen back or has lost its client. The answers, in order.
  std::vector<answer> run(std::size_t count, const std::function<answer(fake_host&, std::size_t)>& ask) {
    std::vector<answer> out;
    for (std::size_t i = 0; i < count; ++i) {
      out.push_back(ask(host_, i));
      disturb(out);
    }
    host_.advance(std::chrono::minutes(2));
    return out;
  }

 private:
  std::uint64_t below(std::uint64_t n) {
    const std::lock_guard lock(host_.shared.mutex);
    return n == 0 ? 0 : random_() % n;
  }

  void disturb(std::vector<answer>& asked) {
    switch (below(6)) {
      case 0:
        host_.work.run_workers();
        break;
      case 1:
        host_.work.run_shards();
        break;
      case 2:
        std::thread([this] { host_.settle(); }).join();
        break;
      case 3:
        host_.advance(std::chrono::milliseconds(below(700)));
        break;
      case 4:
        host_.points.client_gone(asked[below(asked.size())]);
        break;
      default:
        break;  // let it wait
    }
  }
  fake_host& host_;
  std::mt19937_64 random_;
};

}  // namespace patchbay::testing
