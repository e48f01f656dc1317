// The life of a connection: bytes in, answers of the broker, the end.
#include "connection.h"

#include <algorithm>

#include "frame_writer.h"
#include "stomp_plugin.h"

namespace patchbay::stomp {

namespace {

constexpr std::uint64_t kConnect = 1;      ///< operation numbers
constexpr std::uint64_t kSend = 2;         ///< a SEND that nobody waits for
constexpr std::size_t kFramesAtOnce = 64;  ///< then the broker does what they ask for

/// What a stranger may send: nothing that would have to be kept.
constexpr std::string_view kOpening =
    "The first frame must be CONNECT or STOMP, without a body and with headers within frame.max_headers and "
    "frame.max_headers_length";

/// What MQTT 5's reason codes mean to somebody who doesn't speak it.
std::string_view reason_text(std::uint8_t reason) {
  switch (reason) {
    case 0x86:
    case 0x87:
      return "Access refused";
    case 0x88:
    case 0x89:
      return "The server is not available";
    case 0x8A:
      return "Access refused, banned";
    case 0x8F:
    case 0x90:
      return "The destination is not valid";
    case 0x95:
      return "The message is too large";
    case 0x97:
    case 0x9F:
      return "A quota is used up";
    default:
      return "The server refused it";
  }
}

std::string_view kick_text(std::uint32_t reason) {
  switch (reason) {
    case PATCHBAY_CLOSE_TAKEN_OVER:
      return "Another connection has taken over the client id";
    case PATCHBAY_CLOSE_SHUTDOWN:
      return "The server stops";
    case PATCHBAY_CLOSE_UNLOAD:
      return "STOMP is being switched off";
    case PATCHBAY_CLOSE_TIMEOUT:
      return "The client was silent for too long";
    case PATCHBAY_CLOSE_LIMIT:
      return "A limit of the server was reached";
    default:
      return "The connection was closed by the server";
  }
}

}  // namespace

const Settings& Connection::settings() const {
  return owner().settings();
}

std::uint64_t Connection::now_ms() const {
  return static_cast<std::uint64_t>(host().now().count());
}

// Bytes in -----------------------------------------------------------------------------------------------------------

std::size_t Connection::on_bytes(patchbay::bytes in, std::size_t& need) {
  heart_beat_.heard();
  const std::string_view text = patchbay::as_text(in);
  Frame& frame = owner().scratch().frame;
  FrameLimits limits = settings().frame.limits;
  std::size_t consumed = 0;
  for (std::size_t handled = 0; handled < kFramesAtOnce; ++handled) {
    if (state_ == State::connecting) return consumed;  // nothing may be asked for before the broker has answered
    if (state_ == State::disconnecting || state_ == State::closed) return in.size();
    if (state_ == State::opening) limits.maximum_body_length = 0;  // a stranger's memory is bounded by its headers
    const ParseResult result = parser_.next(text.substr(consumed), version_, limits, frame);
    const std::string_view raw = text.substr(consumed, result.consumed);
    consumed += result.consumed;
    if (result.status == ParseStatus::more) {
      need = result.need;
      return consumed;
    }
    if (result.status != ParseStatus::frame) {
      const bool limit = result.status == ParseStatus::too_large;
      if (limit) owner().counters().limits_reached.add();
      const bool stranger = limit && state_ == State::opening;
      fail({stranger ? kOpening : result.message, {}, {}, limit ? PATCHBAY_CLOSE_LIMIT : PATCHBAY_CLOSE_PROTOCOL});
      return in.size();
    }
    owner().counters().frames_received.add();
    take(frame, raw);
    limits = settings().frame.limits;
  }
  return consumed;
}

// Operations ---------------------------------------------------------------------------------------------------------

std::uint64_t Connection::add_operation(std::string_view what, std::string_view receipt, std::uint64_t group) {
  const std::uint64_t number = next_operation_++;
  operations_.emplace(number, Operation{std::string(what), std::string(receipt), group});
  return number;
}

void Connection::publish_message(patchbay::message_ref message, std::string_view receipt, std::uint64_t group) {
  const bool watched = !receipt.empty() || group != 0;
  const std::uint64_t operation = watched ? add_operation("SEND", receipt, group) : kSend;
  begun(publish(std::move(message), operation), operation, "SEND", receipt);
}

void Connection::begun(patchbay::status status, std::uint64_t operation, std::string_view what,
                       std::string_view receipt) {
  if (status == PATCHBAY_OK) {
    ++outstanding_;
    return;
  }
  operations_.erase(operation);
  if (status == PATCHBAY_CLOSED) return;  // the end is on its way already
  const std::string message = std::string(what) + " cannot be done";
  const bool limit = status == PATCHBAY_BUSY || status == PATCHBAY_TOO_LARGE;
  fail({message, limit ? "It is more than the broker takes at a time." : "The broker cannot use what it says.", receipt,
        limit ? PATCHBAY_CLOSE_LIMIT : PATCHBAY_CLOSE_PROTOCOL});
}

void Connection::on_result(std::uint64_t operation, const patchbay_result& result) {
  if (operation == kConnect) return connected(result);
  if (outstanding_ > 0) --outstanding_;
  if (state_ == State::closed) return;
  if (operation == kSend) {
    if (result.reason >= 0x80) return refused({"SEND", {}, 0}, result);
  } else if (const auto found = operations_.find(operation); found != operations_.end()) {
    const Operation done = std::move(found->second);
    operations_.erase(found);
    ended(done, result);
  }
  if (state_ == State::disconnecting && outstanding_ == 0) finish_disconnect();
}

void Connection::ended(const Operation& operation, const patchbay_result& result) {
  if (result.reason >= 0x80) return refused(operation, result);
  if (!operation.receipt.empty()) write_receipt(operation.receipt);
  if (operation.group != 0) leave_group(operation.group);
}

void Connection::leave_group(std::uint64_t group) {
  const auto found = groups_.find(group);
  if (found == groups_.end() || --found->second.waiting != 0) return;
  const std::string receipt = std::move(found->second.receipt);
  groups_.erase(found);
  if (!receipt.empty()) write_receipt(receipt);
}

void Connection::refused(const Operation& operation, const patchbay_result& result) {
  std::string_view receipt = operation.receipt;
  if (const auto group = groups_.find(operation.group); group != groups_.end()) receipt = group->second.receipt;
  const std::string message = operation.what + " failed";
  std::string detail(reason_text(result.reason));
  if (result.text.len != 0) detail.append(": ").append(patchbay::text(result.text));
  fail({message, detail, std::string(receipt), PATCHBAY_CLOSE_ERROR});
}

// The beginning and the end ------------------------------------------------------------------------------------------

void Connection::connected(const patchbay_result& result) {
  if (state_ != State::connecting) return;
  if (result.reason >= 0x80) {
    return fail({"Bad CONNECT", reason_text(result.reason), {}, PATCHBAY_CLOSE_ERROR});
  }
  state_ = State::connected;
  if (result.text.len != 0) client_id_ = patchbay::text(result.text);  // one that the broker has made
  std::string out;
  FrameWriter writer(out, version_, "CONNECTED");
  writer.header("version", version_text(version_));
  if (version_ != Version::v1_0) writer.header("heart-beat", heart_beat_text(settings().heart_beat()));
  writer.header("server", "patchbay-stomp/1");
  // This frame has no escapes in any version, so an id that would need them is not told. (1.2, "Value Encoding")
  if (client_id_.find_first_of("\r\n:") == std::string::npos) writer.header("session", client_id_);
  client_id_.clear();
  writer.end();
  write_text(out);
  start_timer();
}

void Connection::start_timer() {
  if (heart_beat_.any()) set_timer(std::chrono::milliseconds(heart_beat_.next_ms(now_ms())));
}

void Connection::on_timer() {
  if (state_ != State::connected) return;
  switch (heart_beat_.check(now_ms(), outstanding_ != 0)) {
    case HeartBeat::Due::timeout:
      owner().counters().heart_beat_timeouts.add();
      return fail({"No heart-beat came in time", {}, {}, PATCHBAY_CLOSE_TIMEOUT});
    case HeartBeat::Due::send:
      write(std::string_view("\n"));
      break;
    case HeartBeat::Due::nothing:
      break;
  }
  start_timer();
}

void Connection::finish_disconnect() {
  if (!disconnect_receipt_.empty()) write_receipt(disconnect_receipt_);
  state_ = State::closed;
  disconnect();
  close();
}

void Connection::on_kick(std::uint32_t reason) {
  if (state_ == State::closed) return;
  fail({kick_text(reason), {}, {}, reason});
}

void Connection::fail(const Failure& failure) {
  if (state_ == State::closed) return;
  state_ = State::closed;
  owner().counters().errors_sent.add();
  std::string out;
  FrameWriter writer(out, version_, "ERROR");
  writer.header("message", failure.message);
  writer.header("version", kVersionList);
  writer.header("content-type", "text/plain");
  // "If the ERROR is related to a specific frame sent from the client, the server SHOULD add ..." (1.2, "ERROR")
  if (!failure.receipt.empty()) writer.header("receipt-id", failure.receipt);
  const std::string body = std::string(failure.detail.empty() ? failure.message : failure.detail) + "\n";
  writer.number("content-length", body.size());
  writer.end(body);
  write(std::string_view(out));
  // "... and then MUST close the connection just after sending the ERROR frame." (1.2, "ERROR")
  close(failure.reason);
}

void Connection::fail_limit(std::string_view message, const Frame& frame) {
  owner().counters().limits_reached.add();
  fail({message, {}, frame.value("receipt"), PATCHBAY_CLOSE_LIMIT});
}

void Connection::write_receipt(std::string_view receipt) {
  std::string out;
  FrameWriter writer(out, version_, "RECEIPT");
  writer.header("receipt-id", receipt);
  writer.end();
  write_text(out);
}

void Connection::write_text(std::string_view bytes) {
  heart_beat_.wrote();
  write(bytes);
}

}  // namespace patchbay::stomp
