// BEGIN, COMMIT and ABORT. Frames of a transaction are kept as they came, and read again at COMMIT.
#include "connection.h"
#include "stomp_plugin.h"

namespace patchbay::stomp {

namespace {

/// A kept frame once more; it was read before, with the same version.
bool read_again(std::string_view raw, Version version, Frame& frame) {
  constexpr FrameLimits kNone = {UINT32_MAX, UINT32_MAX, UINT32_MAX};
  FrameParser parser;
  return parser.next(raw, version, kNone, frame).status == ParseStatus::frame;
}

}  // namespace

void Connection::take_begin(const Frame& frame) {
  const std::string_view name = frame.value("transaction");
  const std::string_view receipt = frame.value("receipt");
  if (name.empty()) return fail({"BEGIN has no transaction", {}, receipt});
  if (transactions_.find(name) == nullptr && transactions_.size() >= settings().max_transactions) {
    return fail_limit("The client has as many transactions as max_transactions allows", frame);
  }
  if (!transactions_.begin(name)) return fail({"The transaction has begun already", name, receipt});
  if (!receipt.empty()) write_receipt(receipt);
}

void Connection::keep(const Frame& frame, std::string_view raw) {
  const std::string_view name = frame.value("transaction");
  const std::string_view receipt = frame.value("receipt");
  const Transactions::Frames* frames = transactions_.find(name);
  if (frames == nullptr) return fail({"There is no such transaction", name, receipt});
  if (frames->size() >= settings().max_transaction_frames) {
    return fail_limit("The transaction has as many frames as max_transaction_frames allows", frame);
  }
  if (transactions_.bytes() + raw.size() > settings().max_transaction_bytes) {
    return fail_limit("The client's transactions have more bytes than max_transaction_bytes allows", frame);
  }
  transactions_.add(name, raw);
  if (!receipt.empty()) write_receipt(receipt);
}

void Connection::take_abort(const Frame& frame) {
  const std::string_view name = frame.value("transaction");
  const std::string_view receipt = frame.value("receipt");
  if (transactions_.find(name) == nullptr) return fail({"There is no such transaction", name, receipt});
  transactions_.take(name);
  if (!receipt.empty()) write_receipt(receipt);
}

/// Makes all messages before the first one is published: a frame that is wrong leaves nothing half done.
bool Connection::read_frames(const Transactions::Frames& frames, const Frame& commit,
                             std::vector<patchbay::message_ref>& messages) {
  Frame frame;
  for (const std::string& raw : frames) {
    if (!read_again(raw, version_, frame) || frame.command != "SEND") continue;
    MadeMessage made = make_message(host(), frame, settings().send_qos, settings().destinations);
    if (!made.message) return fail({made.wrong, frame.value("destination"), commit.value("receipt")}), false;
    messages.push_back(std::move(made.message));
  }
  return true;
}

void Connection::take_commit(const Frame& commit) {
  const std::string_view name = commit.value("transaction");
  const std::string_view receipt = commit.value("receipt");
  if (transactions_.find(name) == nullptr) return fail({"There is no such transaction", name, receipt});
  const Transactions::Frames frames = transactions_.take(name);
  std::vector<patchbay::message_ref> messages;
  if (!read_frames(frames, commit, messages)) return;
  Frame frame;
  for (const std::string& raw : frames) {
    if (!read_again(raw, version_, frame) || frame.command == "SEND") continue;
    // Another acknowledgement may have covered it since: then there is nothing left to do.
    const auto id = ack_id_of(frame);
    if (id) apply(*id, frame.command == "ACK" ? Settled::acknowledged : Settled::refused);
  }
  if (messages.empty()) {
    if (!receipt.empty()) write_receipt(receipt);
    return;
  }
  const std::uint64_t group = next_operation_++;
  groups_.emplace(group, Group{static_cast<std::uint32_t>(messages.size()), std::string(receipt)});
  for (patchbay::message_ref& message : messages) {
    owner().counters().messages_received.add();
    publish_message(std::move(message), {}, group);
    if (state_ == State::closed) return;
  }
}

}  // namespace patchbay::stomp
