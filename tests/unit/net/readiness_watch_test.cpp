#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "net/readiness.h"
#include "net/unique_fd.h"

namespace patchbay::net {

namespace {

constexpr int kLongMs = 10'000;

class Told final : public ReadinessEntry {
 public:
  void on_ready(uint32_t what) override {
    ++times;
    last = what;
  }
  void on_turn() override {}

  uint32_t times = 0;
  uint32_t last = 0;
};

/// One end of a pair of sockets; what comes is read up, so that the next bytes are news.
class Socket final : public ReadinessEntry {
 public:
  Socket() {
    std::array<int, 2> ends{};
    REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    own = UniqueFd(ends[0]);
    peer = UniqueFd(ends[1]);
  }
  void on_ready(uint32_t what) override {
    last = what;
    std::array<char, 64> bytes;
    ssize_t got = 0;
    while ((got = ::read(own.get(), bytes.data(), bytes.size())) > 0) received += static_cast<size_t>(got);
  }
  void on_turn() override {}
  [[nodiscard]] int descriptor() const override { return known ? own.get() : -1; }
  void say() { REQUIRE(::write(peer.get(), "x", 1) == 1); }

  UniqueFd own;
  UniqueFd peer;
  bool known = true;
  size_t received = 0;
  uint32_t last = 0;
};

struct Pair {
  Pair() { REQUIRE(host.watch(guest, told)); }

  /// What host and guest do when something has come.
  void round(int timeout_ms = kLongMs) {
    static_cast<void>(host.wait(timeout_ms));
    host.dispatch();
    if (told.times > seen) {
      seen = told.times;
      while (!guest.collect()) guest.dispatch();
    }
    guest.dispatch();
  }

  base::ShardServices services;
  Readiness host{services};
  Readiness guest{services};
  Told told;
  uint32_t seen = 0;
};

}  // namespace

TEST_CASE("a socket of a watched shard that was ready is found by the watcher's own wait", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  Pair pair;
  Socket socket;
  REQUIRE(pair.guest.add(socket.own.get(), socket));
  socket.say();
  pair.round();
  CHECK(socket.received == 1);
  CHECK(pair.told.times == 1);
  for (size_t more = 2; more < 50; ++more) {
    socket.say();
    static_cast<void>(pair.host.wait(kLongMs));
    CHECK(pair.guest.has_collected());
    pair.host.dispatch();
    CHECK(socket.received == more - 1);  // it is the guest's to tell
    pair.guest.dispatch();
    CHECK(socket.received == more);
    CHECK((socket.last & ReadinessEntry::kReadable) != 0);
    CHECK_FALSE(pair.guest.has_collected());
  }
  CHECK(pair.told.times <= 2);  // once more for the time when both watched it
  pair.guest.remove(socket.own.get(), socket, true);
}

TEST_CASE("a socket whose descriptor is not known is collected by its own shard only", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  Pair pair;
  Socket socket;
  socket.known = false;
  REQUIRE(pair.guest.add(socket.own.get(), socket));
  for (size_t more = 1; more < 5; ++more) {
    socket.say();
    pair.round();
    CHECK(socket.received == more);
    CHECK(pair.told.times == more);
  }
  pair.guest.remove(socket.own.get(), socket, true);
}

TEST_CASE("a shard that is watched no more finds its sockets itself, with what came meanwhile", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  Pair pair;
  Socket socket;
  REQUIRE(pair.guest.add(socket.own.get(), socket));
  socket.say();
  pair.round();
  socket.say();
  pair.round();
  REQUIRE(socket.received == 2);
  socket.say();  // seen by nobody yet
  pair.host.unwatch(pair.guest);
  CHECK(pair.host.wait(0) == 0);
  CHECK(pair.guest.wait(kLongMs) == 1);
  pair.guest.dispatch();
  CHECK(socket.received == 3);
  socket.say();
  CHECK(pair.host.wait(0) == 0);
  CHECK(pair.guest.wait(kLongMs) == 1);
  pair.guest.dispatch();
  CHECK(socket.received == 4);
  // And again.
  REQUIRE(pair.host.watch(pair.guest, pair.told));
  for (size_t more = 5; more < 8; ++more) {
    socket.say();
    pair.round();
    CHECK(socket.received == more);
  }
  pair.host.unwatch(pair.guest);
  pair.guest.remove(socket.own.get(), socket, true);
}

TEST_CASE("nothing reaches an entry that was removed, whoever has found its event", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  const bool closing = GENERATE(true, false);
  Pair pair;
  Socket first;
  Socket second;
  Socket third;
  for (Socket* socket : {&first, &second, &third}) REQUIRE(pair.guest.add(socket->own.get(), *socket));
  for (Socket* socket : {&first, &second, &third}) socket->say();
  pair.round();
  for (Socket* socket : {&first, &second, &third}) {
    REQUIRE(socket->received == 1);
    socket->say();
  }
  static_cast<void>(pair.host.wait(kLongMs));
  pair.guest.remove(second.own.get(), second, closing);
  if (closing) second.own.reset();
  pair.guest.dispatch();
  CHECK(first.received == 2);
  CHECK(second.received == 1);
  CHECK(third.received == 2);
  if (!closing) {
    second.say();
    CHECK(pair.host.wait(0) == 0);
    CHECK_FALSE(pair.guest.has_collected());
    // It may go to the watcher, who has it to himself then.
    REQUIRE(pair.host.add(second.own.get(), second));
    CHECK(pair.host.wait(kLongMs) == 1);
    pair.host.dispatch();
    CHECK(second.received == 3);
    pair.host.remove(second.own.get(), second, true);
  }
  // The others are given back although one is gone.
  pair.host.unwatch(pair.guest);
  first.say();
  CHECK(pair.guest.wait(kLongMs) >= 1);
  pair.guest.dispatch();
  CHECK(first.received == 3);
  pair.guest.remove(first.own.get(), first, true);
  pair.guest.remove(third.own.get(), third, true);
}

TEST_CASE("the end of a peer is told while another shard finds it", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  Pair pair;
  Socket socket;
  REQUIRE(pair.guest.add(socket.own.get(), socket));
  socket.say();
  pair.round();
  socket.peer.reset();
  pair.round();
  CHECK((socket.last & ReadinessEntry::kEnded) != 0);
  pair.guest.remove(socket.own.get(), socket, true);
}

TEST_CASE("each of several watched shards gets its own, also after one has gone", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  base::ShardServices services;
  Readiness host(services);
  Told told;
  Readiness guests[3] = {Readiness(services), Readiness(services), Readiness(services)};
  Socket sockets[3];
  for (size_t at = 0; at < 3; ++at) {
    REQUIRE(host.watch(guests[at], told));
    REQUIRE(guests[at].add(sockets[at].own.get(), sockets[at]));
  }
  const auto say_to_all = [&] {
    for (Socket& socket : sockets) socket.say();
    static_cast<void>(host.wait(kLongMs));
  };
  say_to_all();
  for (Readiness& guest : guests) {
    CHECK(guest.collect());
    guest.dispatch();
  }
  say_to_all();
  for (size_t at = 0; at < 3; ++at) {
    guests[at].dispatch();
    CHECK(sockets[at].received == 2);
  }
  host.unwatch(guests[0]);
  say_to_all();
  guests[1].dispatch();
  guests[2].dispatch();
  CHECK(sockets[0].received == 2);
  CHECK(sockets[1].received == 3);
  CHECK(sockets[2].received == 3);
  REQUIRE(host.watch(guests[0], told));
  static_cast<void>(host.wait(0));
  CHECK(guests[0].collect());
  guests[0].dispatch();
  CHECK(sockets[0].received == 3);
  say_to_all();
  for (size_t at = 0; at < 3; ++at) {
    guests[at].dispatch();
    CHECK(sockets[at].received == 4);
  }
  for (size_t at = 3; at > 0; --at) {
    host.unwatch(guests[at - 1]);
    guests[at - 1].remove(sockets[at - 1].own.get(), sockets[at - 1], true);
  }
}

TEST_CASE("beyond the limit, sockets stay with their own shard and are found there", "[readiness]") {
  if (!Readiness::kCanWatchOthers) return;
  constexpr size_t kBeyond = 40;

  /// Counts in the kernel, so that one descriptor each will do.
  class Event final : public ReadinessEntry {
   public:
    Event() { REQUIRE(fd); }
    void on_ready(uint32_t) override {
      eventfd_t value = 0;
      if (eventfd_read(fd.get(), &value) == 0) received += value;
    }
    void on_turn() override {}
    [[nodiscard]] int descriptor() const override { return fd.get(); }

    UniqueFd fd{eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
    uint64_t received = 0;
  };

  Pair pair;
  std::vector<std::unique_ptr<Event>> events;
  for (size_t at = 0; at < Readiness::kMostTaken + kBeyond; ++at) {
    events.push_back(std::make_unique<Event>());
    REQUIRE(pair.guest.add(events.back()->fd.get(), *events.back()));
  }
  for (uint64_t round = 1; round < 4; ++round) {
    for (const auto& event : events) REQUIRE(eventfd_write(event->fd.get(), 1) == 0);
    const auto waiting = [&] {
      for (const auto& event : events) {
        if (event->received < round) return true;
      }
      return false;
    };
    const uint32_t told_before = pair.told.times;
    while (waiting()) pair.round(kLongMs);
    CHECK(pair.told.times > told_before);
    for (const auto& event : events) CHECK(event->received == round);
  }
  pair.host.unwatch(pair.guest);
  for (const auto& event : events) REQUIRE(eventfd_write(event->fd.get(), 1) == 0);
  while (!pair.guest.collect()) pair.guest.dispatch();
  pair.guest.dispatch();
  for (const auto& event : events) {
    CHECK(event->received == 4);
    pair.guest.remove(event->fd.get(), *event, true);
  }
}

}  // namespace patchbay::net
