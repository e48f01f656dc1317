#include "connection/protocol_directory.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

namespace patchbay::connection {

namespace {

class NoFactory final : public session::ProtocolFactory {
 public:
  std::unique_ptr<session::ProtocolMachine> create(session::ConnectionPort&) override { return nullptr; }
};

Protocol protocol(std::string id, std::vector<std::string> listener_ids = {}, std::vector<std::string> alpn = {}) {
  return {std::move(id), std::move(listener_ids), std::move(alpn), {}, std::make_shared<NoFactory>()};
}

}  // namespace

TEST_CASE("a protocol is found by its id where it is spoken", "[protocols]") {
  base::EpochDomain epoch;
  ProtocolDirectory directory;
  CHECK(directory.find("STOMP", "tcp:default") == nullptr);
  CHECK(directory.add(protocol("STOMP"), epoch));
  CHECK(directory.add(protocol("gb32960", {"tcp:cars"}), epoch));
  CHECK(directory.find("STOMP", "tcp:default")->id == "STOMP");
  CHECK(directory.find("gb32960", "tcp:cars") != nullptr);
  CHECK(directory.find("gb32960", "tcp:default") == nullptr);
  CHECK(directory.all().size() == 2);
}

TEST_CASE("ids are unique, and MQTT's is its own", "[protocols]") {
  base::EpochDomain epoch;
  ProtocolDirectory directory;
  CHECK(directory.add(protocol("STOMP"), epoch));
  CHECK_FALSE(directory.add(protocol("STOMP"), epoch));
  CHECK_FALSE(directory.add(protocol("MQTT"), epoch));
  CHECK_FALSE(directory.add(protocol(""), epoch));
}

TEST_CASE("a removed protocol is not found, and lives as long as somebody speaks it", "[protocols]") {
  base::EpochDomain epoch;
  ProtocolDirectory directory;
  directory.add(protocol("STOMP"), epoch);
  ProtocolRef connection_holds = directory.find("STOMP", "tcp:default");
  const ProtocolRef removed = directory.remove("STOMP", epoch);
  CHECK(removed == connection_holds);
  CHECK(directory.find("STOMP", "tcp:default") == nullptr);
  CHECK(directory.remove("STOMP", epoch) == nullptr);
  epoch.reclaim();
  CHECK(removed.use_count() == 2);
  connection_holds.reset();
  CHECK(removed.use_count() == 1);
}

TEST_CASE("ALPN names are known where their protocol is spoken", "[protocols]") {
  base::EpochDomain epoch;
  ProtocolDirectory directory;
  CHECK_FALSE(directory.knows_alpn("stomp", "ssl:default"));
  directory.add(protocol("STOMP", {"ssl:default"}, {"stomp", "v12.stomp"}), epoch);
  CHECK(directory.knows_alpn("v12.stomp", "ssl:default"));
  CHECK_FALSE(directory.knows_alpn("v12.stomp", "ssl:other"));
  CHECK_FALSE(directory.knows_alpn("h2", "ssl:default"));
}

TEST_CASE("shards look protocols up while they come and go", "[protocols]") {
  base::EpochDomain epoch;
  ProtocolDirectory directory;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> looks{0};
  std::thread shard([&] {
    while (!stop) {
      epoch.enter(0);
      if (const ProtocolRef found = directory.find("STOMP", "tcp:default")) REQUIRE(found->id == "STOMP");
      epoch.leave(0);
      ++looks;
    }
  });
  for (int i = 0; i < 500 || looks < 100; ++i) {
    directory.add(protocol("STOMP"), epoch);
    directory.remove("STOMP", epoch);
    if (i % 50 == 0) std::this_thread::yield();
  }
  stop = true;
  shard.join();
  CHECK(epoch.reclaim() == 0);
}

}  // namespace patchbay::connection
