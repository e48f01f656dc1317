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
  /// unsent: an answer, or a part of it, waits until the peer takes it.
  enum class Next : uint8_t { request, last_bytes, end, unsent };

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

  /// Whether the request that has been collected is here with its body, and can be begun without waiting for anybody.
  [[nodiscard]] bool is_prompt(const HttpHandler& handler) const;
  /// Begins it. Does not wait, and leaves nothing for exchange(); finish() is due when there is an answer.
  [[nodiscard]] Begun begin(HttpHandler& handler, AnswerLater later);
  /// Sends the answer of the request that was begun. Does not wait: unsent asks for complete_answer().
  [[nodiscard]] Next finish(const ApiResponse& response);
  /// Something of an answer is still to be sent.
  [[nodiscard]] bool has_unsent() const { return !unsent_.empty(); }
  /// Sends what is unsent. Waits.
  [[nodiscard]] Next complete_answer();

 private:
  [[nodiscard]] Progress discard();
  [[nodiscard]] size_t read_body(char* into, size_t most) override;
  [[nodiscard]] bool write(std::string_view bytes) override;
  [[nodiscard]] Next after_answer(HttpServer::Outcome outcome);

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
  std::string unsent_;   ///< of an answer of finish()
  HttpAnswerForm form_;  ///< of the request that was begun
  bool shaken_ = false;
  bool answered_ = false;  ///< for the last time
};

}  // namespace patchbay::admin
