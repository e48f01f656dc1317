#include "net/websocket_stream.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/byte_reader.h"
#include "base/log.h"
#include "net/handshake_deadline.h"
#include "net/readiness.h"
#include "net/websocket_handshake.h"

namespace patchbay::net {

using base::Counter;
using connection::StreamResult;
using connection::StreamStatus;

struct WebSocketStream::Extra {
  std::optional<HandshakeDeadline> deadline;
  std::string request;  ///< what came of the opening request; later: what came behind it
  std::string control;  ///< payload of the control frame being read
  std::string pending;  ///< handshake response and control frames to be sent, between data frames only
  [[nodiscard]] bool empty() const { return !deadline && request.empty() && control.empty() && pending.empty(); }
};

struct WebSocketStream::Opening {
  std::string target;
  std::string subprotocol;
};

WebSocketStream::WebSocketStream(std::unique_ptr<connection::Stream> inner, const ListenerState& listener)
    : inner_(std::move(inner)), listener_(listener) {}

WebSocketStream::~WebSocketStream() = default;

WebSocketStream::Extra& WebSocketStream::extra() {
  if (extra_ == nullptr) extra_ = std::make_unique<Extra>();
  return *extra_;
}

void WebSocketStream::drop_extra_when_empty() {
  if (extra_ != nullptr && extra_->empty()) extra_.reset();
}

void WebSocketStream::watch(connection::StreamWatcher* watcher) {
  inner_->watch(watcher);
  if (watcher != nullptr && !open_ && !extra().deadline) {
    extra().deadline.emplace(*this, listener_.options.websocket.handshake_timeout_s);
  }
}

bool WebSocketStream::has_pending_output() const {
  return (extra_ != nullptr && !extra_->pending.empty()) || inner_->has_pending_output();
}

void WebSocketStream::say_goodbye() {
  if (open_ && !close_sent_ && frame_left_ == 0) {
    const uint16_t code = static_cast<uint16_t>(close_code_);
    const uint8_t payload[2] = {static_cast<uint8_t>(code >> 8), static_cast<uint8_t>(code)};
    queue_control(WebSocketOpcode::close, payload);
    [[maybe_unused]] const StreamStatus sent_or_not = flush_pending();
    close_sent_ = true;
  }
  extra_.reset();
}

void WebSocketStream::close() {
  say_goodbye();
  inner_->close();
}

bool WebSocketStream::finish_sending() {
  say_goodbye();
  return inner_->finish_sending();
}

void WebSocketStream::describe(connection::TransportHints& hints) const {
  inner_->describe(hints);
  hints.websocket_path = opening_ == nullptr ? std::string_view(listener_.options.websocket.path) : opening_->target;
  if (opening_ != nullptr) hints.websocket_subprotocol = opening_->subprotocol;
}

// The opening handshake ----------------------------------------------------------------------------------------------

StreamStatus WebSocketStream::shake_hands() {
  if (failed_) return StreamStatus::failed;
  if (extra().deadline && extra_->deadline->expired()) return failed_handshake("late");
  return read_request();
}

/// A listener of another protocol accepts the names of that protocol, whatever else it accepts.
WebSocketHandshake WebSocketStream::answer_request(std::string_view request) const {
  const connection::ProtocolRef own =
      listener_.protocol.empty() ? nullptr : listener_.extensions->protocols.find(listener_.protocol, listener_.id);
  const auto names = own == nullptr ? std::span<const std::string>() : std::span(own->websocket_subprotocols);
  return answer_websocket_request(request, listener_.options.websocket, listener_.limits.websocket_header_limit, names);
}

StreamStatus WebSocketStream::read_request() {
  constexpr size_t kStep = 1024;
  std::string& request = extra().request;
  for (;;) {
    const size_t before = request.size();
    request.resize(std::min(before + kStep, listener_.limits.websocket_header_limit));
    const auto room = std::span(reinterpret_cast<uint8_t*>(request.data()), request.size()).subspan(before);
    const StreamResult result = inner_->read(room);
    request.resize(before + result.bytes);
    if (result.status != StreamStatus::ok) return result.status;
    WebSocketHandshake answer = answer_request(request);
    if (answer.status == WebSocketHandshake::Status::incomplete) continue;
    request.erase(0, answer.request_size);
    extra_->pending = std::move(answer.response);
    if (flush_pending() == StreamStatus::failed) return StreamStatus::failed;
    if (answer.status == WebSocketHandshake::Status::refused) return failed_handshake("refused");
    if (!listener_.extensions->hooks.conn_detect.empty()) {
      opening_ = std::make_unique<const Opening>(Opening{std::move(answer.target), std::move(answer.subprotocol)});
    }
    extra().deadline.reset();
    open_ = true;
    return StreamStatus::ok;
  }
}

StreamStatus WebSocketStream::failed_handshake(const char* why) {
  failed_ = true;
  const base::ShardServices& services = Readiness::current().services();
  services.count(Counter::connections_websocket_failed);
  base::log(base::LogArea::net, base::LogLevel::debug, "websocket handshake failed",
            {{"listener", listener_.id}, {"peer", peer().address_text()}, {"why", why}});
  return StreamStatus::failed;
}

// Input --------------------------------------------------------------------------------------------------------------

StreamResult WebSocketStream::read_raw(std::span<uint8_t> into) {
  if (extra_ == nullptr || extra_->request.empty()) return inner_->read(into);
  const size_t size = std::min(into.size(), extra_->request.size());
  std::memcpy(into.data(), extra_->request.data(), size);
  extra_->request.erase(0, size);
  drop_extra_when_empty();
  return {StreamStatus::ok, size};
}

StreamResult WebSocketStream::read(std::span<uint8_t> into) {
  if (!open_) {
    const StreamStatus status = shake_hands();
    if (status != StreamStatus::ok) return {status, 0};
  }
  for (int reads = 0; reads < kReadsWithoutData; ++reads) {
    if (failed_) return {StreamStatus::failed, 0};
    if (peer_closed_) return {StreamStatus::end, 0};
    const StreamResult raw = read_raw(into);
    if (raw.status != StreamStatus::ok) return raw;
    const size_t size = take_frames(into.first(raw.bytes));
    if (size != 0) return {StreamStatus::ok, size};
  }
  request_turn();
  return {StreamStatus::would_block, 0};
}

size_t WebSocketStream::take_frames(std::span<uint8_t> bytes) {
  std::span<const uint8_t> left = bytes;
  uint8_t* out = bytes.data();
  while (!peer_closed_ && !failed_ && (!left.empty() || (in_frame_ && payload_left_ == 0))) {
    if (!in_frame_) {
      const WebSocketFrameStatus status = header_reader_.take(left, header_);
      if (status == WebSocketFrameStatus::incomplete) break;
      if (status == WebSocketFrameStatus::malformed) violation(WebSocketCloseCode::protocol_error);
      if (failed_ || !begin_frame()) break;
    }
    const std::span<const uint8_t> chunk = left.first(std::min<uint64_t>(left.size(), payload_left_));
    const bool control = header_.opcode >= WebSocketOpcode::close;
    if (control && !chunk.empty()) {
      std::string& collected = extra().control;
      const size_t offset = collected.size();
      collected.resize(offset + chunk.size());
      unmask(chunk, reinterpret_cast<uint8_t*>(collected.data()) + offset, header_.mask, offset);
    } else if (!chunk.empty()) {
      unmask(chunk, out, header_.mask, header_.payload_size - payload_left_);
      if (text_message_ && !text_.take({out, chunk.size()})) {
        violation(WebSocketCloseCode::invalid_payload);
        break;
      }
      out += chunk.size();
    }
    left = left.subspan(chunk.size());
    payload_left_ -= chunk.size();
    if (payload_left_ != 0) continue;
    in_frame_ = false;
    if (!(control ? end_control_frame() : end_data_frame())) break;
  }
  return static_cast<size_t>(out - bytes.data());
}

bool WebSocketStream::begin_frame() {
  const uint64_t largest = listener_.options.websocket.max_frame_size;
  if (largest != 0 && header_.payload_size > largest) {
    violation(WebSocketCloseCode::message_too_big);
    return false;
  }
  in_frame_ = true;
  payload_left_ = header_.payload_size;
  switch (header_.opcode) {
    case WebSocketOpcode::text:
    case WebSocketOpcode::binary:
    case WebSocketOpcode::continuation:
      return begin_message();
    default:
      return true;
  }
}

/// A message's frames follow each other: first the opcode, then continuations. RFC 6455 5.4
bool WebSocketStream::begin_message() {
  const bool text = header_.opcode == WebSocketOpcode::text;
  // [MQTT-6.0.0-1] only binary frames carry MQTT
  if (text && listener_.options.protocol.empty()) {
    violation(WebSocketCloseCode::unsupported_data);
    return false;
  }
  if (in_message_ != (header_.opcode == WebSocketOpcode::continuation)) {
    violation(WebSocketCloseCode::protocol_error);
    return false;
  }
  if (!in_message_) text_message_ = text;
  in_message_ = !header_.final;
  return true;
}

bool WebSocketStream::end_data_frame() {
  if (!header_.final || !text_message_ || text_.end()) return true;
  violation(WebSocketCloseCode::invalid_payload);
  return false;
}

bool WebSocketStream::end_control_frame() {
  const std::string payload = extra_ == nullptr ? std::string() : std::exchange(extra_->control, {});
  const std::span<const uint8_t> bytes = base::as_bytes(payload);
  if (header_.opcode == WebSocketOpcode::ping) {
    queue_control(WebSocketOpcode::pong, bytes);
    if (flush_pending() == StreamStatus::failed) failed_ = true;
  } else if (header_.opcode == WebSocketOpcode::close) {
    const auto code = bytes.size() < 2 ? uint16_t{0} : static_cast<uint16_t>(bytes[0] << 8 | bytes[1]);
    if (bytes.size() == 1 || (bytes.size() >= 2 && !is_valid_close_code(code))) {
      violation(WebSocketCloseCode::protocol_error);
      return false;
    }
    // The peer gets its own code back, and the connection ends. RFC 6455 5.5.1
    peer_closed_ = true;
    queue_control(WebSocketOpcode::close, bytes.first(std::min<size_t>(bytes.size(), 2)));
    close_sent_ = true;
    [[maybe_unused]] const StreamStatus sent_or_not = flush_pending();
  }
  drop_extra_when_empty();
  return true;
}

void WebSocketStream::violation(WebSocketCloseCode code) {
  failed_ = true;
  close_code_ = code;
  Readiness::current().services().count(Counter::connections_websocket_failed);
}

// Output -------------------------------------------------------------------------------------------------------------

void WebSocketStream::queue_control(WebSocketOpcode opcode, std::span<const uint8_t> payload) {
  std::string& pending = extra().pending;
  // A client that pings and does not read gets fewer pongs. RFC 6455 5.5.3
  if (opcode == WebSocketOpcode::pong && pending.size() > kPendingLimit) return;
  std::array<uint8_t, 10> header;
  const size_t size = write_frame_header(header, opcode, payload.size());
  pending.append(reinterpret_cast<const char*>(header.data()), size);
  pending.append(reinterpret_cast<const char*>(payload.data()), payload.size());
}

StreamStatus WebSocketStream::flush_pending() {
  while (extra_ != nullptr && !extra_->pending.empty() && frame_left_ == 0) {
    const std::span<const uint8_t> piece = base::as_bytes(extra_->pending);
    const StreamResult result = inner_->write({&piece, 1});
    if (result.status != StreamStatus::ok) return result.status;
    extra_->pending.erase(0, result.bytes);
  }
  drop_extra_when_empty();
  return StreamStatus::ok;
}

StreamResult WebSocketStream::write(std::span<const std::span<const uint8_t>> pieces) {
  if (frame_left_ == 0) {
    const StreamStatus status = flush_pending();
    if (status != StreamStatus::ok) return {status, 0};
  }
  if (!open_ || close_sent_) {
    // Nothing may be sent yet, or any more; the stream below may still have to go on with its own handshake.
    const StreamResult result = inner_->write({});
    if (result.status == StreamStatus::failed) return result;
    return {StreamStatus::would_block, 0};
  }
  if (frame_left_ != 0) return write_frame(pieces);
  for (const auto& piece : pieces) frame_left_ += piece.size();
  if (frame_left_ == 0) return inner_->write({});
  out_header_size_ = static_cast<uint8_t>(write_frame_header(out_header_, WebSocketOpcode::binary, frame_left_));
  out_header_sent_ = 0;
  return write_frame(pieces);
}

StreamResult WebSocketStream::write_frame(std::span<const std::span<const uint8_t>> pieces) {
  std::array<std::span<const uint8_t>, kPieces + 1> parts;
  size_t count = 0;
  const size_t header_left = out_header_size_ - out_header_sent_;
  if (header_left != 0) parts[count++] = {out_header_.data() + out_header_sent_, header_left};
  // A frame once begun has its length: what was added since belongs to the next one.
  uint64_t room = frame_left_;
  for (const auto& piece : pieces.first(std::min(pieces.size(), kPieces))) {
    const auto part = piece.first(std::min<uint64_t>(piece.size(), room));
    if (part.empty()) break;
    parts[count++] = part;
    room -= part.size();
  }
  const StreamResult result = inner_->write({parts.data(), count});
  if (result.status != StreamStatus::ok) return result;
  const size_t header_taken = std::min(result.bytes, header_left);
  out_header_sent_ = static_cast<uint8_t>(out_header_sent_ + header_taken);
  frame_left_ -= result.bytes - header_taken;
  if (result.bytes == 0) return {StreamStatus::would_block, 0};
  // Only header bytes were taken: the stream below says itself whether it takes more.
  if (result.bytes == header_taken) return write_frame(pieces);
  return {StreamStatus::ok, result.bytes - header_taken};
}

}  // namespace patchbay::net
