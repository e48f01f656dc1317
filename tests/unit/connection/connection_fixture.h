#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection/connection.h"
#include "connection/connection_shard.h"
#include "support/memory_stream.h"
#include "support/test_shard.h"

namespace patchbay::connection::testing {

using patchbay::testing::MemoryClient;
using patchbay::testing::run_until_idle;
using patchbay::testing::TestShard;
using session::CloseReason;

/// What the machines of a test have seen, in order.
struct Record {
  std::vector<std::string> packets;
  std::vector<CloseReason> closed;
  std::vector<CloseReason> kicked;
  uint32_t writable_calls = 0;
  uint32_t bytes_calls = 0;
  uint32_t machines = 0;
  session::ConnectionPort* port = nullptr;
};

/// A protocol of one length byte (times `scale`) and as many bytes. It echoes, unless told otherwise; some packets are
/// orders: "Q" quits, "P" pauses, "Mn" moves to shard n.
class LengthMachine final : public session::ProtocolMachine {
 public:
  struct Options {
    size_t scale = 1;
    bool echo = true;
    size_t one_at_a_time = false;
    base::ShardId here = 0;
  };

  LengthMachine(session::ConnectionPort& port, Record& record, const Options& options)
      : port_(port), record_(record), options_(options) {
    ++record_.machines;
    record_.port = &port;
  }

  size_t on_bytes(std::span<const uint8_t> bytes, size_t& need) override {
    ++record_.bytes_calls;
    size_t consumed = 0;
    while (consumed < bytes.size() && !stopped_) {
      const size_t size = 1 + bytes[consumed] * options_.scale;
      if (bytes.size() - consumed < size) {
        need = size;
        return consumed;
      }
      const std::string packet(bytes.begin() + static_cast<std::ptrdiff_t>(consumed + 1),
                               bytes.begin() + static_cast<std::ptrdiff_t>(consumed + size));
      if (packet[0] == 'M' && packet[1] - '0' != options_.here) {
        port_.move_to(static_cast<base::ShardId>(packet[1] - '0'));
        return consumed;
      }
      consumed += size;
      handle(packet);
      if (options_.one_at_a_time != 0 && consumed < bytes.size()) {
        need = 1;
        return consumed;
      }
    }
    stopped_ = false;
    return consumed;
  }
  void on_writable() override { ++record_.writable_calls; }
  void on_closed(CloseReason reason) override { record_.closed.push_back(reason); }
  void on_kick(CloseReason reason) override {
    record_.kicked.push_back(reason);
    write("bye");
    port_.close(reason);
  }

 private:
  void handle(const std::string& packet) {
    record_.packets.push_back(packet);
    if (packet == "Q") {
      write("quit");
      port_.close(CloseReason::normal);
      stopped_ = true;
    } else if (packet == "P") {
      port_.pause_reading();
      stopped_ = true;
    } else if (options_.echo) {
      write(packet);
    }
  }
  void write(std::string_view text) {
    port_.output().append(port_.pool(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    port_.output_added();
  }

  session::ConnectionPort& port_;
  Record& record_;
  const Options options_;
  bool stopped_ = false;
};

class LengthFactory final : public session::ProtocolFactory {
 public:
  LengthFactory(Record& record, const LengthMachine::Options& options) : record_(record), options_(options) {}
  std::unique_ptr<session::ProtocolMachine> create(session::ConnectionPort& port) override {
    return std::make_unique<LengthMachine>(port, record_, options_);
  }

 private:
  Record& record_;
  const LengthMachine::Options options_;
};

inline std::string packet(std::string_view body) {
  return std::string(1, static_cast<char>(body.size())) + std::string(body);
}

struct Fixture {
  explicit Fixture(const ConnectionLimits& limits = {}, LengthMachine::Options options = {})
      : shard(0, clock, epoch, limits), other(1, clock, epoch, limits) {
    ConnectionShard* all[] = {&shard.connections(), &other.connections()};
    shard.connections().set_shards(all);
    other.connections().set_shards(all);
    shard.connections().add_protocol(listener, std::make_unique<LengthFactory>(record, options));
    options.here = 1;
    other.connections().add_protocol(listener, std::make_unique<LengthFactory>(other_record, options));
    connection = &shard.accept(client, listener);
  }
  void run() { run_until_idle({&shard, &other}); }
  void write(size_t size) {
    shard.turn([this, size] {
      session::ConnectionPort& port = *connection;
      const std::vector<uint8_t> bytes(size, 'x');
      port.output().append(port.pool(), bytes);
      port.output_added();
    });
  }

  base::ManualClock clock;
  base::EpochDomain epoch;
  Record record;
  Record other_record;
  session::ListenerInfo listener;
  MemoryClient client;
  TestShard shard;
  TestShard other;
  Connection* connection = nullptr;
};

}  // namespace patchbay::connection::testing
