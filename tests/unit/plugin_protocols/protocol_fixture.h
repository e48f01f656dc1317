#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin_protocols/connection_runs.h"
#include "plugin_protocols/plugin_connection.h"
#include "plugin_protocols/plugin_machine.h"
#include "unit/plugin_protocols/line_protocol.h"
#include "unit/plugin_services/services_fixture.h"

namespace patchbay::test {

/// A client id whose home is that shard, of two.
inline std::string id_on(base::ShardId shard) {
  for (int i = 0;; ++i) {
    const std::string id = "line-" + std::to_string(i);
    if (session::home_shard(id, 2) == shard) return id;
  }
}

/// The flow plane with one instance that provides the line protocol.
struct ProtocolFixture : ServicesFixture {
  ProtocolFixture()
      : runs(std::make_shared<plugin_protocols::ConnectionRuns>(shards)),
        provider(std::make_shared<plugin_protocols::ProtocolProvider>(account, shards, runs, LineProtocol::table(),
                                                                      &protocol, *LineProtocol::describe(nullptr))) {}

  /// Ends a turn of each shard, until nothing is left to do.
  void settle() {
    bool more = true;
    while (more) {
      more = false;
      ServicesFixture::settle();
      for (size_t shard = 0; shard < flow.shard_count(); ++shard) {
        flow.turn(static_cast<base::ShardId>(shard), [&] {
          more = !runs->empty() || more;
          runs->end_of_turn();
        });
      }
    }
  }
  void after_ms(uint64_t duration_ms) {
    flow.advance_ms(duration_ms);
    settle();
  }

  std::shared_ptr<plugin_protocols::ConnectionRuns> runs;
  LineProtocol protocol{*plugin_protocols::broker_client_table()};
  std::shared_ptr<plugin_protocols::ProtocolProvider> provider;
};

/// A connection that speaks the line protocol: a real PluginMachine on a port that keeps what it is asked for, and that
/// moves between shards like a real one.
class LineClient final : public session::ConnectionPort {
 public:
  explicit LineClient(ProtocolFixture& fixture, base::ShardId first_shard = 0)
      : fixture_(fixture), shard_(first_shard) {
    pool_ = &chunks_;
    listener_.id = "tcp:line";
    peer_.listener = &listener_;
    peer_.port = 40'001;
    peer_.loopback = true;
    make_machine();
  }
  ~LineClient() override {
    fixture_.flow.turn(shard_, [this] {
      if (machine_ != nullptr && !gone_) machine_->on_closed(session::CloseReason::peer_closed);
      machine_.reset();
      luggage_.reset();
    });
    output_.clear(chunks_);
  }

  /// Sends a line and lets everything happen that follows from it; returns what was said.
  std::string say(const std::string& line) {
    send(line + '\n');
    return said();
  }
  void send(std::string_view text) {
    unread_.insert(unread_.end(), text.begin(), text.end());
    settle();
  }
  void settle() {
    do {
      fixture_.settle();
    } while (process_once());
    collect();
  }
  std::string said() {
    settle();
    return std::exchange(output_text_, {});
  }
  void kick(session::CloseReason reason) {
    fixture_.flow.turn(shard_, [&] { machine_->on_kick(reason); });
    settle();
  }
  /// The network fails.
  void drop() {
    fixture_.flow.turn(shard_, [&] { machine_->on_closed(session::CloseReason::peer_closed); });
    gone_ = true;
    settle();
  }
  void stop_taking() {
    high_water_ = 0;
    taking_ = false;
  }
  void take_again() {
    high_water_ = 64 * 1024;
    taking_ = true;
    collect();
    fixture_.flow.turn(shard_, [this] { machine_->on_writable(); });
    settle();
  }

  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] session::CloseReason close_reason() const { return close_reason_; }
  [[nodiscard]] bool paused() const { return paused_; }
  [[nodiscard]] base::ShardId shard() const { return shard_; }
  [[nodiscard]] const access::ClientInfo* client() const { return machine_->client(); }

  void close(session::CloseReason reason) override {
    if (std::exchange(closed_, true)) return;
    close_reason_ = reason;
  }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override { paused_ = false; }
  void move_to(base::ShardId shard) override { move_target_ = shard; }
  [[nodiscard]] const session::PeerInfo& peer() const override { return peer_; }
  void pack(std::unique_ptr<session::MachineLuggage> luggage) override { luggage_ = std::move(luggage); }
  [[nodiscard]] session::MachineLuggage* luggage() const override { return luggage_.get(); }
  void set_allowance(const access::ConnectionAllowance&) override {}
  [[nodiscard]] uint32_t packet_limit(uint32_t configured) const override { return configured; }

  size_t takes_at_once = 0;  ///< bytes that the network takes within a turn
  std::string sent_at_once;  ///< what it took

 protected:
  void want_flush() override { flush_wanted_ = true; }
  [[nodiscard]] size_t send_now(std::span<const std::span<const uint8_t>> pieces) override {
    size_t taken = 0;
    for (const std::span<const uint8_t> piece : pieces) {
      const size_t part = std::min(takes_at_once, piece.size());
      sent_at_once.append(reinterpret_cast<const char*>(piece.data()), part);
      takes_at_once -= part;
      taken += part;
    }
    return taken;
  }

 private:
  void make_machine() {
    fixture_.flow.turn(
        shard_, [this] { machine_ = std::make_unique<plugin_protocols::PluginMachine>(fixture_.provider, *this); });
  }
  bool process_once() {
    collect();
    if (closed_ && !gone_) {
      gone_ = true;
      fixture_.flow.turn(shard_, [this] { machine_->on_closed(close_reason_); });
      return true;
    }
    if (gone_) return false;
    // What was looked at and left is not new: a connection offers it again with more behind it only.
    if (move_target_ == base::kNoShard && !paused_ && unread_.size() != left_) {
      size_t consumed = 0;
      fixture_.flow.turn(shard_, [&] {
        size_t need = 0;
        consumed = machine_->on_bytes(unread_, need);
        unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(consumed));
      });
      left_ = consumed == 0 && !paused_ ? unread_.size() : 0;
      if (move_target_ == base::kNoShard) return consumed != 0;
    }
    if (move_target_ == base::kNoShard) return false;
    fixture_.flow.turn(shard_, [this] { machine_.reset(); });
    shard_ = std::exchange(move_target_, base::kNoShard);
    paused_ = false;
    make_machine();
    return true;
  }
  void collect() {
    if (!taking_) return;
    flush_wanted_ = false;
    while (!output_.empty()) {
      std::span<const uint8_t> pieces[8];
      const size_t count = output_.gather(pieces);
      size_t size = 0;
      for (size_t i = 0; i < count; ++i) {
        output_text_.append(reinterpret_cast<const char*>(pieces[i].data()), pieces[i].size());
        size += pieces[i].size();
      }
      output_.consume(chunks_, size);
    }
  }

  ProtocolFixture& fixture_;
  base::ShardId shard_;
  base::ShardId move_target_ = base::kNoShard;
  session::OutputChunkPool chunks_;
  session::ListenerInfo listener_;
  session::PeerInfo peer_;
  std::unique_ptr<session::ProtocolMachine> machine_;
  std::unique_ptr<session::MachineLuggage> luggage_;
  std::vector<uint8_t> unread_;
  size_t left_ = 0;
  std::string output_text_;
  session::CloseReason close_reason_ = session::CloseReason::normal;
  bool closed_ = false;
  bool gone_ = false;
  bool paused_ = false;
  bool taking_ = true;
};

}  // namespace patchbay::test
