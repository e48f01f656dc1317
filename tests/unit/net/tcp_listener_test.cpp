#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "blocking_client.h"
#include "net/listeners.h"
#include "net/tcp_stream.h"
#include "net_fixture.h"

namespace patchbay::net {

using base::Counter;
using session::CloseReason;

TEST_CASE("a TCP client's bytes come back", "[tcp]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::tcp));
  REQUIRE(client.connected());
  client.send("hello");
  CHECK(client.receive(5) == "hello");
  client.send("again");
  CHECK(client.receive(5) == "again");
  client.send("W");
  CHECK(client.receive_until("\n") == "127.0.0.1|loopback|-|tcp:default\n");
  CHECK(f.shards.count(Counter::connections) == 1);
  client.finish_sending();
  CHECK(client.ended());
  CHECK(f.reaches(Counter::connections_accepted, 1));
}

TEST_CASE("megabytes pass unharmed both ways while the client reads late", "[tcp]") {
  connection::ConnectionLimits limits;
  limits.write_hard_limit = 64 * 1024 * 1024;
  NetFixture f({}, limits);
  BlockingClient client(f.start(ListenerType::tcp));
  std::string sent(8 * 1024 * 1024, '\0');
  for (size_t at = 0; at < sent.size(); ++at) sent[at] = static_cast<char>('a' + (at * 7 + at / 251) % 26);
  std::thread sender([&] { client.send(sent); });
  const std::string received = client.receive(sent.size());
  sender.join();
  CHECK(received == sent);
}

TEST_CASE("a server's goodbye arrives although the client is still sending", "[tcp]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::tcp));
  client.send("Q" + std::string(100, 'x'));
  CHECK(client.receive(1) == "Q");
  CHECK(client.receive(200).size() == 100);
  CHECK(client.ended());
}

TEST_CASE("a server's goodbye is read although more had been sent than it ever read", "[tcp]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::tcp));
  client.send("hello");
  CHECK(client.receive(5) == "hello");
  f.shards.run_on_each([](IoShard& shard) { shard.connections().kick_all(CloseReason::kicked); });
  client.send(std::string(1'000'000, 'x'));  // no reset: the broker reads on, and throws away
  CHECK(client.receive(100) == "bye");
  CHECK(f.shards.count(Counter::connections_lingered) == 1);
  CHECK(f.shards.count(Counter::connections) == 1);
  client.finish_sending();
  while (f.shards.count(Counter::connections) != 0) std::this_thread::yield();
  CHECK(f.shards.count(Counter::connections_linger_cut) == 0);
}

TEST_CASE("a client that has sent all it wants to say before it reads gets no reset either", "[tcp]") {
  NetFixture f;
  BlockingClient client(f.start(ListenerType::tcp));
  client.send("Q" + std::string(500'000, 'x'));
  client.finish_sending();
  std::string received;
  char bytes[4096];
  ssize_t got = 0;
  while ((got = recv(client.fd(), bytes, sizeof(bytes), 0)) > 0) received.append(bytes, static_cast<size_t>(got));
  CHECK(got == 0);  // and not -1 with ECONNRESET
  CHECK(received.substr(0, 2) == "Qx");
}

TEST_CASE("who lingers has its descriptor counted, and its place among the listener's is free", "[tcp]") {
  NetLimits limits;
  limits.max_connections = 2;
  NetFixture f(limits);
  ListenerOptions options;
  options.max_connections = 1;
  const uint16_t port = f.start(options);
  BlockingClient first(port);
  first.send("Q");
  CHECK(first.receive(100) == "Q");  // its end has come, ours has not
  BlockingClient second(port);
  second.send("x");
  CHECK(second.receive(1) == "x");
  CHECK(f.shards.count(Counter::connections) == 2);
}

TEST_CASE("connections move between running shards and keep their bytes", "[tcp]") {
  NetFixture f;
  const uint16_t port = f.start(ListenerType::tcp);
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<BlockingClient>(port));
    for (int turn = 0; turn < 10; ++turn) {
      const std::string order = ">" + std::to_string(turn % 2) + "x" + std::to_string(i);
      clients.back()->send(order);
      REQUIRE(clients.back()->receive(order.size()) == order);
    }
  }
  CHECK(f.shards.count(Counter::connections) == 20);
  CHECK(f.shards.count(Counter::connections_moved) >= 180);
}

TEST_CASE("a graceful stop says goodbye to every client, then nobody is accepted", "[tcp]") {
  NetFixture f;
  const uint16_t port = f.start(ListenerType::tcp);
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<BlockingClient>(port));
    clients.back()->send("x");
    REQUIRE(clients.back()->receive(1) == "x");
  }
  f.listeners.stop_all();
  CHECK(f.shards.drain_connections(CloseReason::server_shutdown, 10'000));
  for (auto& client : clients) {
    CHECK(client->receive(4) == "bye");
  }
  CHECK(f.counts.kicked == 50);
  CHECK(f.counts.closed == 50);
  CHECK_FALSE(BlockingClient(port).connected());
}

TEST_CASE("one listener is stopped with its connections, the other goes on", "[tcp]") {
  NetFixture f;
  ListenerOptions second;
  second.name = "second";
  const uint16_t first_port = f.start(ListenerType::tcp);
  const uint16_t second_port = f.start(second);
  BlockingClient first(first_port);
  BlockingClient other(second_port);
  first.send("1");
  other.send("2");
  CHECK(first.receive(1) == "1");
  CHECK(other.receive(1) == "2");
  CHECK(f.listeners.stop("tcp:second", true));
  CHECK(other.receive(4) == "bye");
  first.send("still");
  CHECK(first.receive(5) == "still");
  CHECK_FALSE(f.listeners.stop("tcp:second", true));
  const auto status = f.listeners.status();
  REQUIRE(status.size() == 2);
  CHECK(status[0].running);
  CHECK(status[0].connections == 1);
  CHECK_FALSE(status[1].running);
  // The same name may be started again, on whatever port.
  const uint16_t third_port = f.start(second);
  BlockingClient third(third_port);
  third.send("3");
  CHECK(third.receive(1) == "3");
}

TEST_CASE("a listener refuses connections over its limit and over the node's", "[tcp]") {
  NetLimits limits;
  limits.max_connections = 3;
  NetFixture f(limits);
  ListenerOptions small;
  small.max_connections = 2;
  const uint16_t port = f.start(small);
  BlockingClient one(port);
  BlockingClient two(port);
  one.send("1");
  two.send("2");
  CHECK(one.receive(1) == "1");
  CHECK(two.receive(1) == "2");
  BlockingClient three(port);
  CHECK(three.ended());
  CHECK(f.shards.count(Counter::connections_refused_limit) == 1);
  ListenerOptions other;
  other.name = "other";
  const uint16_t other_port = f.start(other);
  BlockingClient four(other_port);
  four.send("4");
  CHECK(four.receive(1) == "4");
  BlockingClient five(other_port);
  CHECK(five.ended());
  // A place that becomes free can be taken.
  four.finish_sending();
  CHECK(four.ended());
  BlockingClient six(other_port);
  six.send("6");
  CHECK(six.receive(1) == "6");
}

TEST_CASE("connections from one address are limited where that is asked for", "[tcp]") {
  NetFixture f;
  ListenerOptions options;
  options.max_connections_per_ip = 2;
  const uint16_t port = f.start(options);
  BlockingClient one(port);
  BlockingClient two(port);
  one.send("1");
  two.send("2");
  CHECK(one.receive(1) == "1");
  CHECK(two.receive(1) == "2");
  BlockingClient three(port);
  three.send("3");
  CHECK(three.ended());
  CHECK(f.shards.count(Counter::connections_refused_limit) == 1);
}

TEST_CASE("accepting pauses while the process is out of descriptors, and goes on", "[tcp]") {
  NetFixture f;
  const uint16_t port = f.start(ListenerType::tcp);
  rlimit before = {};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  // The client's socket gets the last descriptor that the lowered limit allows.
  const int next = dup(0);
  ::close(next);
  rlimit lowered = before;
  lowered.rlim_cur = static_cast<rlim_t>(next) + 1;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  BlockingClient client(port);
  const bool paused = f.reaches(Counter::connections_refused_descriptors, 1);
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(paused);
  REQUIRE(client.connected());
  client.send("after all");
  CHECK(client.receive(9) == "after all");
}

TEST_CASE("what cannot be bound is refused with the reason, and nothing is left behind", "[tcp]") {
  NetFixture f;
  const auto make = [&f](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(f.counts); };
  ListenerOptions options;
  options.bind = "nonsense";
  auto refused = f.listeners.start(options, make);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "tcp:default: bind \"nonsense\" is not of the form address:port");
  options.bind = "127.0.0.1:" + std::to_string(f.start(ListenerType::tcp));
  options.name = "taken";
  refused = f.listeners.start(options, make);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "tcp:taken: bind " + options.bind + ": Address already in use");
  options.name = "default";
  refused = f.listeners.start(options, make);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "tcp:default: is running already");
  CHECK(f.listeners.status().size() == 1);
}

TEST_CASE("listeners may be started before the shards run", "[tcp]") {
  base::SystemClock clock;
  base::EpochDomain epoch;
  EchoCounts counts;
  ShardGroup shards(2, clock, epoch, {});
  Listeners listeners(shards, {});
  ListenerOptions options;
  options.bind = "[::1]:0";
  auto started = listeners.start(
      options, [&](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(counts); });
  if (!started) return;  // a machine without IPv6
  options.bind = "127.0.0.1:0";
  options.name = "v4";
  started = listeners.start(
      options, [&](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(counts); });
  REQUIRE(started);
  BlockingClient early(started->port);
  early.send("early");
  shards.start();
  CHECK(early.receive(5) == "early");
  shards.stop();
}

TEST_CASE("work runs on every shard and its end is awaited", "[shard]") {
  NetFixture f;
  std::atomic<uint32_t> ran{0};
  std::atomic<bool> on_own_shard{true};
  for (int i = 0; i < 100; ++i) {
    f.shards.run_on_each([&](IoShard& shard) {
      ++ran;
      if (base::current_shard() != shard.id()) on_own_shard = false;
    });
  }
  CHECK(ran == 200);
  CHECK(on_own_shard);
}

TEST_CASE("callbacks at a turn's end run in their order, timers run on time", "[shard]") {
  base::SystemClock clock;
  base::EpochDomain epoch;
  IoShard shard(0, clock, epoch, {});
  struct Steps {
    std::vector<int> order;
    std::atomic<bool> fired{false};
    base::Timer timer;
  } steps;
  shard.at_turn_end([](void* s) { static_cast<Steps*>(s)->order.push_back(1); }, &steps);
  shard.at_turn_end([](void* s) { static_cast<Steps*>(s)->order.push_back(2); }, &steps);
  steps.timer.bind([](void* s) { static_cast<Steps*>(s)->fired = true; }, &steps);
  shard.start();
  shard.post(base::make_task([&] { shard.services().start(steps.timer, 50); }));
  const uint64_t start_ms = clock.steady_ms();
  while (!steps.fired && clock.steady_ms() < start_ms + 10'000) std::this_thread::yield();
  const uint64_t took_ms = clock.steady_ms() - start_ms;
  shard.stop();
  CHECK(steps.fired);
  CHECK(took_ms >= 49);
  REQUIRE(steps.order.size() >= 2);
  for (size_t at = 0; at < steps.order.size(); ++at) CHECK(steps.order[at] == 1 + static_cast<int>(at % 2));
}

TEST_CASE("an idle stream stays within its part of the memory budget", "[tcp]") {
  CHECK(sizeof(TcpStream) <= 88);
}

}  // namespace patchbay::net
