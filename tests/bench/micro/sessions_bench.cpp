// A million clients on one shard over in-memory streams: real Connection, MqttMachine, Session and subscription for
// each, nothing but sockets left out. Prints, for each tenfold, the time of a CONNECT with one SUBSCRIBE and the memory
// that an idle client holds.
//
//   bench_sessions [clients, default 1000000]

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "connection/connection_shard.h"
#include "mqtt/codec/encoder.h"
#include "mqtt/packets/subscription_list.h"
#include "session/mqtt_machine.h"
#include "support/flow_harness.h"

namespace {

using namespace patchbay;

/// As large as a TCP stream: gives one script of bytes to read, then nothing; swallows what is written.
class ScriptedStream final : public connection::Stream {
 public:
  ScriptedStream(const session::PeerInfo& peer, std::vector<uint8_t>& script) : peer_(peer), script_(&script) {}

  connection::StreamResult read(std::span<uint8_t> into) override {
    if (script_ == nullptr) return {connection::StreamStatus::would_block, 0};
    std::copy(script_->begin(), script_->end(), into.begin());
    const size_t size = script_->size();
    script_ = nullptr;
    return {connection::StreamStatus::ok, size};
  }
  connection::StreamResult write(std::span<const std::span<const uint8_t>> pieces) override {
    size_t size = 0;
    for (const auto piece : pieces) size += piece.size();
    return {connection::StreamStatus::ok, size};
  }
  [[nodiscard]] bool has_pending_output() const override { return false; }
  void close() override {}
  void watch(connection::StreamWatcher* watcher) override { watcher_ = watcher; }
  void request_turn() override {}
  [[nodiscard]] const session::PeerInfo& peer() const override { return peer_; }
  void readable() { watcher_->on_readable(); }

 private:
  session::PeerInfo peer_;
  std::vector<uint8_t>* script_;
  connection::StreamWatcher* watcher_ = nullptr;
};

std::vector<uint8_t> script_of(size_t number) {
  const std::string client_id = "device-" + std::to_string(number);
  const std::string topic_filter = "plant/line/" + std::to_string(number) + "/command";
  mqtt::Connect connect;
  connect.version = mqtt::ProtocolVersion::v3_1_1;
  connect.clean_start = true;
  connect.client_id = client_id;
  connect.keep_alive_s = 60;
  std::vector<uint8_t> list;
  mqtt::append_subscription(list, {topic_filter, {mqtt::Qos::at_least_once}});
  mqtt::Subscribe subscribe;
  subscribe.packet_id = 1;
  subscribe.subscriptions = {list, 1};
  std::vector<uint8_t> bytes(mqtt::encoded_size(connect) + mqtt::encoded_size(subscribe, connect.version));
  const size_t size = mqtt::encode(connect, bytes);
  mqtt::encode(subscribe, connect.version, std::span<uint8_t>(bytes).subspan(size));
  return bytes;
}

size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

int main(int argc, char** argv) {
  const size_t clients = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  test::FlowOptions options;
  options.shards = 1;
  options.session.maximum_sessions = clients;
  test::FlowHarness harness(options);
  connection::ConnectionShard shard(harness.environment(0).shard, connection::ConnectionLimits{});
  session::ListenerInfo listener;
  listener.id = "memory:default";
  listener.loopback_bind = true;
  shard.add_protocol(listener, std::make_unique<session::MqttFactory>(harness.environment(0)));
  session::PeerInfo peer;
  peer.listener = &listener;
  const size_t before = heap_bytes();
  size_t next_report = 1000;
  auto started = std::chrono::steady_clock::now();
  size_t since = 0;
  std::printf("%10s  %16s  %18s\n", "clients", "us per client", "heap bytes each");
  for (size_t number = 1; number <= clients; ++number) {
    std::vector<uint8_t> script = script_of(number);
    harness.turn(0, [&] {
      auto stream = std::make_unique<ScriptedStream>(peer, script);
      ScriptedStream& scripted = *stream;
      shard.add(std::move(stream));
      scripted.readable();
      shard.end_turn(nullptr, nullptr);
    });
    ++since;
    if (number != next_report && number != clients) continue;
    const auto now = std::chrono::steady_clock::now();
    const double us = std::chrono::duration<double, std::micro>(now - started).count() / static_cast<double>(since);
    std::printf("%10zu  %16.2f  %18zu\n", number, us, (heap_bytes() - before) / number);
    std::fflush(stdout);
    next_report *= 10;
    since = 0;
    started = std::chrono::steady_clock::now();
  }
  const bool all = harness.counted(base::Counter::live_connections) == clients &&
                   harness.counted(base::Counter::subscriptions) == clients;
  std::printf("%s\n", all ? "all connected and subscribed" : "NOT all connected and subscribed");
  std::fflush(stdout);
  std::_Exit(all ? 0 : 1);  // a million objects need not be taken apart one by one
}
