#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "admin/http_head.h"
#include "admin/http_server.h"
#include "admin/http_stream.h"
#include "base/clock.h"

namespace patchbay::admin {

struct HttpTimeouts {
  uint32_t head_ms = 10'000;
  uint32_t body_ms = 30'000;
  uint32_t idle_ms = 60'000;  ///< between requests
  uint32_t write_ms = 30'000;
};

/// One connection of the HTTP server: collects a request without blocking, then exchanges it for an answer. One thread
/// at a time: that which collects, or the one that it was handed to.
class HttpConnection final : private HttpTransport {
 public:
  /// Bodies up to this size are collected before a thread is given to the request.
  static constexpr size_t kCollectedBodyMax = 64 * 1024;

  enum class Progress : uint8_t { waits_to_read, waits_to_write, complete, ended };
  enum class Next : uint8_t { request, last_bytes, end };

  HttpConnection(std::unique_ptr<HttpStream> stream, std::string peer_address, bool tls, HttpTimeouts timeouts,
                 const base::Clock& clock);

  [[nodiscard]] int fd() const { return stream_->fd(); }
  /// When it is to be given up; moves with its progress.
  [[nodiscard]] uint64_t deadline_ms() const { return deadline_ms_; }
  /// Nothing of a next request has come.
  [[nodiscard]] bool idle() const { return shaken_ && received_.empty() && !head_ && !refusal_; }

  /// Takes what has come. complete: exchange() is due.
  [[nodiscard]] Progress collect();
  /// Whether what has been received already is a whole request.
  [[nodiscard]] bool has_request();
  /// Lets the server answer, and writes the answer. Waits. last_bytes: there will be no other answer, but what the
  /// peer is still sending has to be taken for a moment, since closing would make its kernel throw the answer away.
  [[nodiscard]] Next exchange(HttpServer& server);

 private:
  [[nodiscard]] Progress discard();
  [[nodiscard]] size_t read_body(char* into, size_t most) override;
  [[nodiscard]] bool write(std::string_view bytes) override;

  std::unique_ptr<HttpStream> stream_;
  const std::string peer_address_;
  const bool tls_;
  const HttpTimeouts timeouts_;
  const base::Clock& clock_;
  std::string received_;
  size_t body_left_ = 0;                ///< of the request that is being exchanged: what its reader has not taken yet
  std::optional<HttpHead> head_;        ///< of the request that is being collected; its bytes are gone from received_
  std::optional<ApiResponse> refusal_;  ///< of a head that is none
  uint64_t deadline_ms_;
  bool shaken_ = false;
  bool answered_ = false;  ///< for the last time
};

}  // namespace patchbay::admin
