// One client that speaks STOMP.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <patchbay/protocol.hpp>

#include "frame.h"
#include "frame_parser.h"
#include "heart_beat.h"
#include "message_mapping.h"
#include "scratch.h"
#include "subscription.h"
#include "transactions.h"
#include "version.h"

namespace patchbay::stomp {

struct StompPlugin;
struct Settings;
class StateReader;
class StateWriter;

/// Between the bytes of a client and the broker's idea of it. What a frame asks for is asked of the broker at once, and
/// answered when the broker has: by RECEIPT where the client wanted one, by ERROR and the end where it failed. [shard]
class Connection final : public patchbay::protocol_connection<Connection, StompPlugin> {
 public:
  Connection(StompPlugin& plugin, const patchbay_broker_client* table, patchbay_connection* raw)
      : protocol_connection(plugin, table, raw), table_(table), raw_(raw) {}

  std::size_t on_bytes(patchbay::bytes in, std::size_t& need);
  std::size_t on_deliver(std::span<const patchbay_delivery> deliveries);
  void on_result(std::uint64_t operation, const patchbay_result& result);
  void on_timer();
  void on_kick(std::uint32_t reason);
  patchbay::status freeze(patchbay::writer out);
  bool thaw(const patchbay_connection_info& info, patchbay::bytes frozen);

 private:
  enum class State : std::uint8_t { opening, connecting, connected, disconnecting, closed };
  enum class Settled : std::uint8_t { acknowledged, refused };
  /// What the broker was asked for, and who waits for it.
  struct Operation {
    std::string what;     ///< for the ERROR: "SEND", "SUBSCRIBE", "UNSUBSCRIBE"
    std::string receipt;  ///< empty: nobody wants one
    std::uint64_t group = 0;
  };
  /// A COMMIT whose frames the broker has not all answered.
  struct Group {
    std::uint32_t waiting = 0;
    std::string receipt;
  };
  /// What an ERROR says, and why the connection ends with it.
  struct Failure {
    std::string_view message;
    std::string_view detail = {};
    std::string_view receipt = {};
    std::uint32_t reason = PATCHBAY_CLOSE_PROTOCOL;
  };

  // connection_frames.cpp
  void take(const Frame& frame, std::string_view raw);
  void open(const Frame& frame);
  void dispatch(const Frame& frame, std::string_view raw);
  void take_send(const Frame& frame, std::string_view raw);
  void take_subscribe(const Frame& frame);
  void take_unsubscribe(const Frame& frame);
  void take_acknowledgement(const Frame& frame, std::string_view raw, Settled how);
  void take_disconnect(const Frame& frame);
  [[nodiscard]] bool read_subscription(const Frame& frame, Subscription& into);
  [[nodiscard]] std::optional<AckId> ack_id_of(const Frame& frame) const;

  // connection_transactions.cpp
  void take_begin(const Frame& frame);
  void take_commit(const Frame& frame);
  void take_abort(const Frame& frame);
  void keep(const Frame& frame, std::string_view raw);
  [[nodiscard]] bool read_frames(const Transactions::Frames& frames, const Frame& commit,
                                 std::vector<patchbay::message_ref>& messages);

  // connection_delivery.cpp
  [[nodiscard]] bool deliver_made(const patchbay_delivery& delivery, std::size_t place, Scratch& scratch);
  /// `place`: of the delivery in its batch.
  void deliver(const patchbay_delivery& delivery, std::size_t place, Scratch& scratch);
  /// Whether the client is to acknowledge it.
  [[nodiscard]] bool hand_to(Subscription& subscription, const patchbay_delivery& delivery, std::size_t place,
                             Scratch& scratch);
  /// What messages come by for which the client has not asked: an operator has, in its name. Made when it is needed.
  [[nodiscard]] Subscription& unasked();
  void append_head(const Subscription& subscription, const MessageMark& mark, std::string& out) const;
  [[nodiscard]] TailForm tail_form(const Subscription& subscription, const MessageMark& mark) const;
  void make_tail(MessageTail& tail, const TailForm& form, patchbay::message message) const;
  /// False: the client's version of STOMP has no form for it.
  [[nodiscard]] bool write_message(Subscription& subscription, const MessageMark& mark, patchbay::message message,
                                   std::size_t place, Scratch& scratch);
  void add_frame(std::string_view head, std::string_view rest, bool kept, Scratch& scratch);
  [[nodiscard]] bool write_held(Subscription& subscription, const HeldMessage& held, Scratch& scratch);
  void release_held(Subscription& subscription);
  void apply(const AckId& id, Settled how);
  void settle(std::uint64_t delivery, Settled how);
  void forget(const Subscription& subscription);
  void flush(Scratch& scratch);

  // connection_upgrade.cpp
  void freeze_operations(StateWriter& state) const;
  void freeze_transactions(StateWriter& state) const;
  void freeze_subscriptions(StateWriter& state);
  void freeze_held(const Subscription& subscription, const HeldMessage& held, StateWriter& state);
  void thaw_operations(StateReader& state);
  void thaw_transactions(StateReader& state);
  void thaw_subscriptions(StateReader& state);

  // connection.cpp
  void publish_message(patchbay::message_ref message, std::string_view receipt, std::uint64_t group);
  [[nodiscard]] std::uint64_t add_operation(std::string_view what, std::string_view receipt, std::uint64_t group = 0);
  /// What the broker said at once about an operation that was begun with `operation`.
  void begun(patchbay::status status, std::uint64_t operation, std::string_view what, std::string_view receipt);
  void connected(const patchbay_result& result);
  void ended(const Operation& operation, const patchbay_result& result);
  void leave_group(std::uint64_t group);
  void refused(const Operation& operation, const patchbay_result& result);
  void fail(const Failure& failure);
  void fail_limit(std::string_view message, const Frame& frame);
  void write_receipt(std::string_view receipt);
  void write_text(std::string_view bytes);
  void finish_disconnect();
  void start_timer();
  [[nodiscard]] std::uint64_t now_ms() const;
  [[nodiscard]] const Settings& settings() const;

  const patchbay_broker_client* table_;
  patchbay_connection* raw_;
  State state_ = State::opening;
  Version version_ = Version::v1_2;  ///< until it is agreed upon: the one whose line ends all clients may use
  FrameParser parser_;
  HeartBeat heart_beat_;
  SubscriptionTable subscriptions_;
  std::unique_ptr<Subscription> unasked_;  ///< null while there was no such message
  Transactions transactions_;
  std::unordered_map<std::uint64_t, std::uint32_t>
      fan_out_;                                              ///< deliveries that several subscriptions must acknowledge
  std::unordered_map<std::uint64_t, Operation> operations_;  ///< those that somebody waits for
  std::map<std::uint64_t, Group> groups_;
  std::uint64_t next_operation_ = 16;  ///< smaller ones have a meaning
  std::uint64_t outstanding_ = 0;      ///< all operations that the broker has not answered
  std::string disconnect_receipt_;
  std::string client_id_;  ///< as asked for, until the broker has answered
};

}  // namespace patchbay::stomp
