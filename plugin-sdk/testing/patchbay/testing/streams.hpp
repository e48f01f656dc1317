// SPDX-License-Identifier: Apache-2.0
// Outgoing connections of a plugin: the test plays the other end.
#pragma once

#include <algorithm>
#include <memory>
#include <utility>

#include "patchbay/testing/core.hpp"

namespace patchbay::testing {
class fake_stream;
}

/// The opaque stream of the ABI.
struct patchbay_stream {
  patchbay::testing::fake_stream* of;
};

namespace patchbay::testing {

/// One outgoing connection that the plugin has asked for. It waits until the test accepts or refuses it.
class fake_stream {
 public:
  fake_stream(core& shared, const patchbay_stream_target& target, const patchbay_stream_events& events, void* self,
              std::uint32_t shard)
      : host(text(target.host)),
        port(target.port),
        transport(target.transport),
        core_(shared),
        events_(events),
        self_(self),
        shard_(shard) {}

  const std::string host;
  const std::uint16_t port;
  const std::uint32_t transport;

  void accept() {
    const role_scope role(PATCHBAY_THREAD_SHARD, shard_);
    events_.on_connected(self_, &raw_);
    finish();
  }
  /// Refused, failed, or closed by the other end.
  void close(std::string_view why) {
    if (std::exchange(closed_, true)) return;
    const role_scope role(PATCHBAY_THREAD_SHARD, shard_);
    events_.on_closed(self_, str(why));
  }
  void feed(std::string_view bytes) {
    buffer_.append(bytes);
    while (!closed_ && !buffer_.empty()) {
      auto arena = std::make_unique<view_arena>(core_.options().views);
      std::size_t need = 0;
      const role_scope role(PATCHBAY_THREAD_SHARD, shard_);
      const std::size_t consumed = events_.on_bytes(self_, arena->copy_bytes(buffer_.data(), buffer_.size()), &need);
      core_.expire(std::move(arena));
      buffer_.erase(0, std::min(consumed, buffer_.size()));
      finish();
      if (consumed == 0) return;
    }
  }
  std::string output() { return std::exchange(output_, {}); }
  bool closed() const { return closed_; }

 private:
  friend class streams;
  void finish() {
    if (close_asked_) close("closed by the plugin");
  }
  core& core_;
  patchbay_stream raw_{this};
  patchbay_stream_events events_;
  void* self_;
  std::uint32_t shard_;
  std::string buffer_;
  std::string output_;
  bool close_asked_ = false;
  bool closed_ = false;
};

class streams : public part<streams> {
 public:
  explicit streams(core& shared) : part(shared) {
    table_.size = sizeof table_;
    table_.open = [](const patchbay_host* h, std::uint32_t shard, const patchbay_stream_target* target,
                     const patchbay_stream_events* events,
                     void* self) { return of(h).open(shard, *target, *events, self); };
    table_.write = [](patchbay_stream* s, const patchbay_bytes* spans, std::size_t count) {
      if (s->of->closed_) return patchbay_status{PATCHBAY_CLOSED};
      for (std::size_t i = 0; i < count; ++i) s->of->output_.append(text(spans[i]));
      return patchbay_status{PATCHBAY_OK};
    };
    table_.close = [](patchbay_stream* s) {
      s->of->close_asked_ = true;
      return patchbay_status{PATCHBAY_OK};
    };
    shared.interfaces[PATCHBAY_TRANSPORT_1] = &table_;
  }
  /// In the order in which they were asked for.
  const std::vector<std::unique_ptr<fake_stream>>& all() const { return all_; }
  std::size_t open_count() const {
    std::size_t sum = 0;
    for (const auto& each : all_) sum += each->closed_ ? 0 : 1;
    return sum;
  }

 private:
  patchbay_status open(std::uint32_t shard, const patchbay_stream_target& target, const patchbay_stream_events& events,
                       void* self) {
    if (const auto failed = core_.enter("transport.open"); failed != PATCHBAY_OK) return failed;
    if (shard >= core_.options().shards || target.host.len == 0 || target.port == 0) return PATCHBAY_INVALID;
    if (!core_.accepts_work) return PATCHBAY_CLOSED;
    all_.push_back(std::make_unique<fake_stream>(core_, target, events, self, shard));
    return PATCHBAY_OK;
  }
  patchbay_transport table_{};
  std::vector<std::unique_ptr<fake_stream>> all_;
};

}  // namespace patchbay::testing
