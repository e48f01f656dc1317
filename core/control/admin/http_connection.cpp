#include "admin/http_connection.h"

#include <algorithm>

#include "admin/error_codes.h"
#include "admin/http_response.h"
#include "base/log.h"

namespace patchbay::admin {

namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr uint64_t kLastBytesMs = 2'000;
constexpr int kReadsAtOnce = 8;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

HttpConnection::HttpConnection(std::unique_ptr<HttpStream> stream, std::string peer_address, bool tls,
                               HttpTimeouts timeouts, const base::Clock& clock)
    : stream_(std::move(stream)),
      peer_address_(std::move(peer_address)),
      tls_(tls),
      timeouts_(timeouts),
      clock_(clock),
      deadline_ms_(clock.steady_ms() + timeouts.head_ms) {}

HttpConnection::Progress HttpConnection::collect() {
  using Result = HttpStream::Result;
  if (answered_) return discard();
  for (;;) {
    if (has_request()) return Progress::complete;
    Result result = shaken_ ? Result::ok : stream_->shake_hands();
    shaken_ = result == Result::ok;
    const bool was_idle = idle();
    if (shaken_) result = stream_->read(received_, kReadBytes);
    if (was_idle && !received_.empty()) deadline_ms_ = clock_.steady_ms() + timeouts_.head_ms;
    if (result == Result::ended) return Progress::ended;
    if (result == Result::wants_read) return Progress::waits_to_read;
    if (result == Result::wants_write) return Progress::waits_to_write;
  }
}

HttpConnection::Progress HttpConnection::discard() {
  for (int count = 0; count < kReadsAtOnce; ++count) {
    received_.clear();
    const HttpStream::Result result = stream_->read(received_, kReadBytes);
    if (result == HttpStream::Result::ended) return Progress::ended;
    if (result != HttpStream::Result::ok) break;
  }
  return Progress::waits_to_read;
}

bool HttpConnection::has_request() {
  if (refusal_) return true;
  if (!head_) {
    const auto size = head_size(received_);
    if (size.value_or(received_.size()) > kHeadBytesMax) {
      refusal_ = ApiResponse::error(431, code::kBadRequest, "the head of the request is too large");
      return true;
    }
    if (!size) return false;
    auto head = parse_head(std::string_view(received_).substr(0, *size));
    if (!head) {
      refusal_ = head.error();
      return true;
    }
    received_.erase(0, *size);
    head_ = std::move(*head);
    deadline_ms_ = clock_.steady_ms() + timeouts_.body_ms;
  }
  const uint64_t body_bytes = head_->content_length.value_or(0);
  return body_bytes > kCollectedBodyMax || head_->expects_continue || received_.size() >= body_bytes;
}

bool HttpConnection::wait_for_body(uint64_t size) {
  if (received_.size() >= size) return true;
  if (head_->expects_continue && received_.empty() && !stream_->write_until(kContinue, clock_, deadline_ms_))
    return false;
  while (received_.size() < size) {
    if (stream_->read_until(received_, kReadBytes, clock_, deadline_ms_) != HttpStream::Result::ok) return false;
  }
  return true;
}

// `whole`: the request has been taken from the connection, so that another one may follow.
ApiResponse HttpConnection::handle(HttpHandler& handler, bool& whole) {
  whole = false;
  const uint64_t body_bytes = head_->content_length.value_or(0);
  Admission admission = handler.admit(*head_, peer_address_);
  const bool collected = received_.size() >= body_bytes;
  if (admission.answer || body_bytes > admission.body_bytes_max) {
    if (collected) received_.erase(0, body_bytes);
    whole = collected;
    if (admission.answer) return std::move(*admission.answer);
    return ApiResponse::error(413, code::kPayloadTooLarge,
                              "the body has " + std::to_string(body_bytes) + " bytes, at most " +
                                  std::to_string(admission.body_bytes_max) + " are allowed here");
  }
  if (!wait_for_body(body_bytes))
    return ApiResponse::error(408, code::kRequestTimeout, "the body has not come whole in time");
  whole = true;
  std::string body;
  if (received_.size() == body_bytes) {
    body.swap(received_);
  } else {
    body = received_.substr(0, body_bytes);
    received_.erase(0, body_bytes);
  }
  return admission.handle(std::move(body));
}

HttpConnection::Next HttpConnection::exchange(HttpHandler& handler) {
  bool whole = false;
  const ApiResponse response = refusal_ ? *refusal_ : handle(handler, whole);
  const bool keep_alive = whole && head_->keep_alive;
  if (!answer(response, keep_alive)) return Next::end;
  head_.reset();
  answered_ = !keep_alive;
  const uint64_t patience_ms = answered_ ? kLastBytesMs : received_.empty() ? timeouts_.idle_ms : timeouts_.head_ms;
  deadline_ms_ = clock_.steady_ms() + patience_ms;
  return answered_ ? Next::last_bytes : Next::request;
}

bool HttpConnection::answer(const ApiResponse& response, bool keep_alive) {
  const bool head_only = head_ && head_->method == "HEAD";
  const uint64_t deadline_ms = clock_.steady_ms() + timeouts_.write_ms;
  const bool written =
      stream_->write_until(response_bytes(response, {keep_alive, head_only, tls_}), clock_, deadline_ms);
  if (!keep_alive) stream_->end_output();
  return written;
}

}  // namespace patchbay::admin
