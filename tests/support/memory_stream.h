#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "connection/stream.h"

namespace patchbay::testing {

class MemoryStream;

/// The readiness of one played shard: which in-memory streams have something to tell. One for each TestShard.
class MemoryLoop {
 public:
  [[nodiscard]] static MemoryLoop& current() {
    PATCHBAY_ASSERT(current_ != nullptr);
    return *current_;
  }
  class Scope {
   public:
    explicit Scope(MemoryLoop& loop) : before_(std::exchange(current_, &loop)) {}
    ~Scope() { current_ = before_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    MemoryLoop* before_;
  };

  void add(MemoryStream& stream) { pending_.push_back(&stream); }
  void forget(MemoryStream& stream) {
    std::replace(pending_.begin(), pending_.end(), &stream, static_cast<MemoryStream*>(nullptr));
    std::replace(running_.begin(), running_.end(), &stream, static_cast<MemoryStream*>(nullptr));
  }
  [[nodiscard]] bool idle() const { return pending_.empty(); }
  /// Tells every stream that had something when the call began.
  inline void dispatch();

 private:
  inline static thread_local MemoryLoop* current_ = nullptr;
  std::vector<MemoryStream*> pending_;
  std::vector<MemoryStream*> running_;
};

/// Both directions between a client played by a test and a MemoryStream, and the script of what goes wrong.
struct MemoryPipe {
  static constexpr size_t kUnlimited = static_cast<size_t>(-1);

  std::string to_server;
  std::string to_client;
  size_t read_chunk = kUnlimited;   ///< bytes that one read gives at most
  size_t write_chunk = kUnlimited;  ///< bytes that one write takes at most
  size_t window = kUnlimited;       ///< bytes that may wait for the client before writes block
  bool client_closed = false;
  bool broken = false;
  bool server_closed = false;
  bool can_linger = false;       ///< the stream can end its own side only
  bool server_finished = false;  ///< and has
  uint32_t reads = 0;
  uint32_t writes = 0;
  MemoryStream* stream = nullptr;
};

/// The broker's end. Owned by a Connection like any stream. Edge-triggered as a socket is.
class MemoryStream final : public connection::Stream {
 public:
  MemoryStream(std::shared_ptr<MemoryPipe> pipe, const session::PeerInfo& peer) : pipe_(std::move(pipe)), peer_(peer) {
    pipe_->stream = this;
  }
  ~MemoryStream() override {
    if (loop_ != nullptr) loop_->forget(*this);
    pipe_->stream = nullptr;
    pipe_->server_closed = true;
  }

  connection::StreamResult read(std::span<uint8_t> into) override {
    ++pipe_->reads;
    if (pipe_->broken) return {connection::StreamStatus::failed, 0};
    const size_t size = std::min({into.size(), pipe_->to_server.size(), pipe_->read_chunk});
    if (size == 0) {
      return {pipe_->client_closed ? connection::StreamStatus::end : connection::StreamStatus::would_block, 0};
    }
    std::memcpy(into.data(), pipe_->to_server.data(), size);
    pipe_->to_server.erase(0, size);
    return {connection::StreamStatus::ok, size};
  }

  connection::StreamResult write(std::span<const std::span<const uint8_t>> pieces) override {
    ++pipe_->writes;
    if (pipe_->broken) return {connection::StreamStatus::failed, 0};
    const size_t waiting = pipe_->to_client.size();
    size_t room = std::min(pipe_->window > waiting ? pipe_->window - waiting : 0, pipe_->write_chunk);
    size_t offered = 0;
    size_t taken = 0;
    for (const auto& piece : pieces) {
      const size_t size = std::min(piece.size(), room);
      pipe_->to_client.append(reinterpret_cast<const char*>(piece.data()), size);
      room -= size;
      taken += size;
      offered += piece.size();
    }
    blocked_ = taken < offered && pipe_->to_client.size() >= pipe_->window;
    if (taken == 0 && offered != 0) return {connection::StreamStatus::would_block, 0};
    return {connection::StreamStatus::ok, taken};
  }

  bool has_pending_output() const override { return false; }
  void close() override {
    watch(nullptr);
    pipe_->server_closed = true;
  }
  bool finish_sending() override {
    pipe_->server_finished = pipe_->can_linger && !pipe_->broken;
    return pipe_->server_finished;
  }
  connection::StreamResult discard(size_t limit) override {
    std::string waste(limit, '\0');
    return read({reinterpret_cast<uint8_t*>(waste.data()), waste.size()});
  }
  void watch(connection::StreamWatcher* watcher) override {
    if (loop_ != nullptr) loop_->forget(*this);
    told_ = readable_ = writable_ = false;
    watcher_ = watcher;
    loop_ = watcher == nullptr ? nullptr : &MemoryLoop::current();
    if (watcher != nullptr && (!pipe_->to_server.empty() || pipe_->client_closed || pipe_->broken)) tell_readable();
  }
  void request_turn() override { tell_readable(); }
  const session::PeerInfo& peer() const override { return peer_; }

  // For MemoryClient and MemoryLoop.
  void tell_readable() {
    readable_ = true;
    tell();
  }
  void client_took() {
    if (!blocked_ || pipe_->to_client.size() >= pipe_->window) return;
    blocked_ = false;
    writable_ = true;
    tell();
  }
  void run() {
    told_ = false;
    if (std::exchange(readable_, false)) watcher_->on_readable();
    if (watcher_ != nullptr && std::exchange(writable_, false)) watcher_->on_writable();
  }

 private:
  void tell() {
    if (told_ || loop_ == nullptr) return;
    told_ = true;
    loop_->add(*this);
  }

  std::shared_ptr<MemoryPipe> pipe_;
  session::PeerInfo peer_;
  connection::StreamWatcher* watcher_ = nullptr;
  MemoryLoop* loop_ = nullptr;
  bool told_ = false;
  bool readable_ = false;
  bool writable_ = false;
  bool blocked_ = false;
};

inline void MemoryLoop::dispatch() {
  running_.swap(pending_);
  for (size_t at = 0; at < running_.size(); ++at) {
    MemoryStream* stream = std::exchange(running_[at], nullptr);
    if (stream != nullptr) stream->run();
  }
  running_.clear();
}

/// The client's end, played by a test. Outlives the stream or not, as it likes.
class MemoryClient {
 public:
  MemoryClient() : pipe_(std::make_shared<MemoryPipe>()) {}

  /// The other end; make one for each client.
  [[nodiscard]] std::unique_ptr<MemoryStream> make_stream(const session::PeerInfo& peer) {
    return std::make_unique<MemoryStream>(pipe_, peer);
  }

  void send(std::string_view bytes) {
    pipe_->to_server.append(bytes);
    tell();
  }
  void send(std::span<const uint8_t> bytes) {
    send(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  /// Takes what the broker has sent, at most `limit` bytes.
  [[nodiscard]] std::string receive(size_t limit = MemoryPipe::kUnlimited) {
    std::string taken = pipe_->to_client.substr(0, limit);
    pipe_->to_client.erase(0, taken.size());
    if (pipe_->stream != nullptr) pipe_->stream->client_took();
    return taken;
  }
  /// The client closes in order: the broker reads the end of the stream.
  void close() {
    pipe_->client_closed = true;
    tell();
  }
  /// The connection breaks.
  void reset() {
    pipe_->broken = true;
    tell();
  }
  [[nodiscard]] bool closed_by_server() const { return pipe_->server_closed; }
  [[nodiscard]] MemoryPipe& pipe() { return *pipe_; }

 private:
  void tell() {
    if (pipe_->stream != nullptr) pipe_->stream->tell_readable();
  }

  std::shared_ptr<MemoryPipe> pipe_;
};

}  // namespace patchbay::testing
