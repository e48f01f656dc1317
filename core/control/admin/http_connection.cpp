#include "admin/http_connection.h"

#include <algorithm>
#include <utility>

#include "admin/error_codes.h"

namespace patchbay::admin {

namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr uint64_t kLastBytesMs = 2'000;
constexpr int kReadsAtOnce = 8;

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

size_t HttpConnection::read_body(char* into, size_t most) {
  const size_t wanted = std::min(most, body_left_);
  if (wanted == 0) return 0;
  if (received_.empty() && stream_->read_until(received_, kReadBytes, clock_, deadline_ms_) != HttpStream::Result::ok)
    return 0;
  const size_t count = std::min(wanted, received_.size());
  std::copy_n(received_.data(), count, into);
  received_.erase(0, count);
  body_left_ -= count;
  return count;
}

bool HttpConnection::write(std::string_view bytes) {
  return stream_->write_until(bytes, clock_, clock_.steady_ms() + timeouts_.write_ms);
}

HttpConnection::Next HttpConnection::exchange(HttpServer& server) {
  HttpServer::Outcome outcome = HttpServer::Outcome::broken;
  if (refusal_) {
    outcome = server.refuse(*refusal_, *this, tls_);
  } else {
    body_left_ = head_->content_length.value_or(0);
    const bool is_here = received_.size() >= body_left_;
    outcome = server.serve({std::move(*head_), peer_address_, is_here, tls_}, *this);
    head_.reset();
  }
  return after_answer(outcome);
}

bool HttpConnection::is_prompt(const HttpHandler& handler) const {
  if (refusal_ || !head_) return false;
  const bool body_is_here = received_.size() >= head_->content_length.value_or(0);
  const bool odd_body = head_->has_body() && (head_->method == "HEAD" || *head_->content_length > kCollectedBodyMax);
  return body_is_here && !odd_body && handler.is_prompt(*head_);
}

Begun HttpConnection::begin(HttpHandler& handler, AnswerLater later) {
  const HttpHead head = std::move(*head_);
  head_.reset();
  std::string body = received_.substr(0, head.content_length.value_or(0));
  received_.erase(0, body.size());
  form_ = {tls_, head.keep_alive, head.method == "HEAD", timeouts_.idle_ms / 1000};
  Admission admission = admission_of(handler, head, peer_address_);
  if (admission.answer) return {std::move(admission.answer), {}};
  return begun(admission, std::move(body), std::move(later));
}

HttpConnection::Next HttpConnection::finish(const ApiResponse& response) {
  const std::string text = answer_text(response, form_);
  size_t written = 0;
  const HttpStream::Result result = stream_->write_some(text, written);
  if (result == HttpStream::Result::ended) return Next::end;
  unsent_.assign(text, written);
  if (has_unsent()) return Next::unsent;
  return after_answer(form_.keep_alive ? HttpServer::Outcome::next : HttpServer::Outcome::last);
}

HttpConnection::Next HttpConnection::complete_answer() {
  const std::string text = std::exchange(unsent_, {});
  if (!write(text)) return Next::end;
  return after_answer(form_.keep_alive ? HttpServer::Outcome::next : HttpServer::Outcome::last);
}

HttpConnection::Next HttpConnection::after_answer(HttpServer::Outcome outcome) {
  if (outcome == HttpServer::Outcome::broken) return Next::end;
  answered_ = outcome == HttpServer::Outcome::last;
  // The rest of a TLS record whose first part was the end of a body: the socket will not say that it is there.
  while (!answered_ && stream_->has_pending() && !has_request()) {
    if (stream_->read(received_, kReadBytes) == HttpStream::Result::ended) return Next::end;
  }
  if (answered_) stream_->end_output();
  const uint64_t patience_ms = answered_ ? kLastBytesMs : received_.empty() ? timeouts_.idle_ms : timeouts_.head_ms;
  deadline_ms_ = clock_.steady_ms() + patience_ms;
  return answered_ ? Next::last_bytes : Next::request;
}

}  // namespace patchbay::admin
