// What each frame of a client asks for.
#include <charconv>

#include "connection.h"
#include "header_text.h"
#include "stomp_plugin.h"

namespace patchbay::stomp {

namespace {

constexpr std::uint64_t kConnect = 1;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void Connection::take(const Frame& frame, std::string_view raw) {
  // "Only the SEND, MESSAGE, and ERROR frames MAY have a body." (1.2, "Body")
  if (!frame.body.empty() && frame.command != "SEND") {
    const std::string message = std::string(frame.command) + " must not have a body";
    return fail({message, {}, frame.value("receipt")});
  }
  if (state_ == State::opening) return open(frame);
  dispatch(frame, raw);
}

void Connection::dispatch(const Frame& frame, std::string_view raw) {
  const std::string_view command = frame.command;
  if (command == "SEND") return take_send(frame, raw);
  if (command == "ACK") return take_acknowledgement(frame, raw, Settled::acknowledged);
  if (command == "NACK" && version_ != Version::v1_0) return take_acknowledgement(frame, raw, Settled::refused);
  if (command == "SUBSCRIBE") return take_subscribe(frame);
  if (command == "UNSUBSCRIBE") return take_unsubscribe(frame);
  if (command == "BEGIN") return take_begin(frame);
  if (command == "COMMIT") return take_commit(frame);
  if (command == "ABORT") return take_abort(frame);
  if (command == "DISCONNECT") return take_disconnect(frame);
  const bool again = command == "CONNECT" || command == "STOMP";
  fail({again ? "The client is connected already" : "There is no such command", command, frame.value("receipt")});
}

// CONNECT ------------------------------------------------------------------------------------------------------------

void Connection::open(const Frame& frame) {
  if (frame.command != "CONNECT" && frame.command != "STOMP") return fail({"The first frame must be CONNECT or STOMP"});
  // "If the accept-version header is missing, it means that the client only supports version 1.0."
  const std::optional<Version> version = highest_version(frame.find("accept-version").value_or("1.0"));
  if (!version) {
    return fail({"Supported protocol versions are 1.0, 1.1 and 1.2", {}, frame.value("receipt")});
  }
  const bool old = *version == Version::v1_0;
  if (const auto text = frame.find("heart-beat"); text && !old) {
    const auto offer = read_heart_beat(*text);
    if (!offer) return fail({"heart-beat is not two numbers"});
    heart_beat_.agree(settings().heart_beat(), *offer, now_ms());
  }
  // 1.0's own examples have a space behind the colon, and the version was not known when the line was read.
  const auto value = [&](std::string_view name) { return old ? trimmed(frame.value(name)) : frame.value(name); };
  version_ = *version;
  patchbay_connect with{};
  client_id_ = value("client-id");
  with.client_id = patchbay::raw_text(client_id_);
  with.username = patchbay::raw_text(value("login"));
  with.password = patchbay::raw_bytes(patchbay::as_bytes(value("passcode")));
  with.has_password = frame.find("passcode") ? 1 : 0;
  with.clean_start = 1;
  with.protocol_version = static_cast<std::uint32_t>(version_);
  with.receive_maximum = settings().max_unacknowledged;
  state_ = State::connecting;
  if (connect(with, kConnect) != PATCHBAY_OK) fail({"Bad CONNECT", "A header cannot be used as it is."});
}

void Connection::take_disconnect(const Frame& frame) {
  disconnect_receipt_ = frame.value("receipt");
  state_ = State::disconnecting;
  // The RECEIPT says that all before it has been done. (1.2, "DISCONNECT")
  if (outstanding_ == 0) finish_disconnect();
}

// SEND ---------------------------------------------------------------------------------------------------------------

void Connection::take_send(const Frame& frame, std::string_view raw) {
  if (frame.find("transaction")) return keep(frame, raw);
  MadeMessage made = make_message(host(), frame, settings().send_qos, settings().destinations);
  if (!made.message) return fail({made.wrong, frame.value("destination"), frame.value("receipt")});
  owner().counters().messages_received.add();
  publish_message(std::move(made.message), frame.value("receipt"), 0);
}

// SUBSCRIBE and UNSUBSCRIBE ------------------------------------------------------------------------------------------

bool Connection::read_subscription(const Frame& frame, Subscription& into) {
  const std::string_view receipt = frame.value("receipt");
  const auto id = frame.find("id");
  // "the id header ... is REQUIRED" since 1.1; 1.0 clients without one go by the destination
  into.named = id.has_value();
  into.id = id.value_or(version_ == Version::v1_0 ? frame.value("destination") : std::string_view());
  if (into.id.empty()) return fail({"SUBSCRIBE has no id", {}, receipt}), false;
  if (subscriptions_.find(into.id) != nullptr || (unasked_ != nullptr && unasked_->id == into.id)) {
    return fail({"There is a subscription with this id already", into.id, receipt}), false;
  }
  const auto mode = read_ack_mode(frame.find("ack").value_or("auto"));
  if (!mode) return fail({"ack is neither auto nor client nor client-individual", {}, receipt}), false;
  into.ack = *mode;
  into.prefetch_count = settings().default_prefetch_count;
  if (const auto text = frame.find("prefetch-count")) {
    const char* const last = text->data() + text->size();
    const auto read = std::from_chars(text->data(), last, into.prefetch_count);
    if (text->empty() || read.ec != std::errc() || read.ptr != last) {
      return fail({"prefetch-count is not a number", {}, receipt}), false;
    }
  }
  if (frame.find("selector")) return fail({"Selectors are not supported", {}, receipt}), false;
  return true;
}

void Connection::take_subscribe(const Frame& frame) {
  const std::string_view receipt = frame.value("receipt");
  Subscription subscription;
  if (!read_subscription(frame, subscription)) return;
  const auto place = filter_of(frame.value("destination"), settings().destinations);
  if (!place) return fail({"The destination is not one to subscribe to", frame.value("destination"), receipt});
  const auto qos = read_qos(frame, settings().subscribe_qos);
  if (!qos) return fail({"qos is not 0, 1 or 2", {}, receipt});
  if (subscriptions_.size() >= settings().max_subscriptions) {
    return fail_limit("The client has as many subscriptions as max_subscriptions allows", frame);
  }
  subscription.form = place->form;
  subscription.head = "MESSAGE";
  if (subscription.named) {
    std::string escaped;
    // An id of one line: what 1.0 cannot write it could not have read either.
    static_cast<void>(append_escaped(escaped, subscription.id, version_));
    subscription.head.append("\nsubscription:").append(escaped);
  }
  const Subscription& added = subscriptions_.add(std::move(subscription), place->topic, *qos);
  // A second one to the same filter asks again too, for the sake of retained messages.
  const SubscriptionTable::Filter& filter = *subscriptions_.filter(added.broker_id);
  const std::uint64_t operation = add_operation("SUBSCRIBE", receipt);
  const std::uint8_t no_local = frame.value("no-local") == "true" ? 1 : 0;
  begun(table_->subscribe(raw_, patchbay::raw_text(place->topic), filter.qos, no_local, added.broker_id, operation),
        operation, "SUBSCRIBE", receipt);
}

void Connection::take_unsubscribe(const Frame& frame) {
  const std::string_view receipt = frame.value("receipt");
  const auto id = frame.find("id");
  if (!id && version_ != Version::v1_0) return fail({"UNSUBSCRIBE has no id", {}, receipt});
  const Subscription* found = subscriptions_.find(id.value_or(frame.value("destination")));
  if (found == nullptr) return fail({"There is no such subscription", id.value_or(""), receipt});
  forget(*found);
  const std::string last_of = subscriptions_.remove(*found);
  if (last_of.empty()) {
    if (!receipt.empty()) write_receipt(receipt);
    return;
  }
  const std::uint64_t operation = add_operation("UNSUBSCRIBE", receipt);
  begun(unsubscribe(last_of, operation), operation, "UNSUBSCRIBE", receipt);
}

// ACK and NACK -------------------------------------------------------------------------------------------------------

/// 1.2 names a message by the ack header of its MESSAGE, the versions before by its message-id.
std::optional<AckId> Connection::ack_id_of(const Frame& frame) const {
  return AckId::read(frame.value(version_ == Version::v1_2 ? "id" : "message-id"));
}

void Connection::take_acknowledgement(const Frame& frame, std::string_view raw, Settled how) {
  const std::string_view receipt = frame.value("receipt");
  const auto id = ack_id_of(frame);
  if (!id) return fail({"The message to acknowledge is not named", {}, receipt});
  const Subscription* subscription = subscriptions_.by_number(id->subscription);
  // What came before UNSUBSCRIBE may still be acknowledged behind it.
  if (subscription == nullptr ? !subscriptions_.has_been(id->subscription) : !subscription->knows(*id)) {
    return fail({"There is no such message to acknowledge", id->text(), receipt});
  }
  if (frame.find("transaction")) return keep(frame, raw);
  apply(*id, how);
  if (!receipt.empty()) write_receipt(receipt);
}

}  // namespace patchbay::stomp
