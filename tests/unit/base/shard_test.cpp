#include "base/shard.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>

using namespace patchbay::base;

TEST_CASE("a thread belongs to no shard until a scope says so") {
  CHECK(current_shard() == kNoShard);
  {
    const ShardScope outer(1);
    CHECK(current_shard() == 1);
    {
      const ShardScope inner(2);
      CHECK(current_shard() == 2);
    }
    CHECK(current_shard() == 1);
  }
  CHECK(current_shard() == kNoShard);
}

TEST_CASE("the shard of a thread is its own") {
  const ShardScope here(1);
  ShardId seen = 0;
  std::thread other([&seen] {
    const ShardId before = current_shard();
    const ShardScope scope(9);
    seen = before == kNoShard ? current_shard() : before;
  });
  other.join();
  CHECK(seen == 9);
  CHECK(current_shard() == 1);
}

TEST_CASE("data of a shard is built from its arguments and changed by its owner") {
  OnShard<std::string> text(5, 3, 'x');
  const ShardScope owner(5);
  CHECK(text.get() == "xxx");
  text.get() += "y";
  CHECK(text.get() == "xxxy");
}
