// What a client has subscribed to, and what of it the client hasn't acknowledged.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <patchbay/message.hpp>

#include "counted_head.h"
#include "destination.h"

namespace patchbay::stomp {

enum class AckMode : std::uint8_t { automatic, client, client_individual };

/// Nothing: no such mode.
[[nodiscard]] std::optional<AckMode> read_ack_mode(std::string_view text);

/// What is said of a message to the client of one subscription.
struct MessageMark {
  std::uint64_t sequence = 0;
  std::uint64_t delivery = 0;  ///< 0: nobody waits for its acknowledgement
  std::uint8_t qos = 0;
  bool retain = false;
  bool redelivered = false;
};

/// A message that waits until the client has acknowledged others.
struct HeldMessage : MessageMark {
  patchbay::message_ref message;
  std::string frame;  ///< after an upgrade: the whole MESSAGE, in place of the message
};

/// The id of a message for its client: of ACK, NACK and message-id.
struct AckId {
  std::uint32_t subscription = 0;
  std::uint64_t sequence = 0;
  bool expects_nothing = false;  ///< QoS 0: the broker doesn't wait for it

  [[nodiscard]] std::string text() const;
  /// Appends what comes behind the subscription.
  static void append_sequence(std::string& out, std::uint64_t sequence, bool expects_nothing);
  [[nodiscard]] static std::optional<AckId> read(std::string_view text);
};

struct Subscription {
  std::string id;     ///< the client's; 1.0 without one: the destination
  bool named = true;  ///< has an id of the client's
  std::uint32_t number = 0;
  std::uint32_t broker_id = 0;  ///< of its filter
  DestinationForm form = DestinationForm::plain;
  AckMode ack = AckMode::automatic;
  std::uint32_t prefetch_count = 0;  ///< messages that may be unacknowledged; 0: as many as the connection may have
  std::uint64_t last_sequence = 0;
  std::string head;        ///< how each of its MESSAGE frames begins: the command, and the header subscription
  std::string frame_head;  ///< the same with the message-id up to the sequence; by make_heads()
  std::string ack_head;    ///< the header ack up to the sequence; the same
  CountedHead next_head;   ///< frame_head with the next sequence, where nobody acknowledges; the same
  std::map<std::uint64_t, std::uint64_t> unacknowledged;  ///< sequence to delivery
  std::deque<HeldMessage> held;

  /// The parts that a number and `head` decide.
  void make_heads();
  [[nodiscard]] bool has_room() const { return prefetch_count == 0 || unacknowledged.size() < prefetch_count; }
  /// Whether an acknowledgement of this id makes sense.
  [[nodiscard]] bool knows(const AckId& ack_id) const;
  /// Forgets what the id acknowledges, and returns the deliveries.
  [[nodiscard]] std::vector<std::uint64_t> take(const AckId& ack_id);
};

/// All subscriptions of one client. Several to the same filter are one for the broker.
class SubscriptionTable {
 public:
  struct Filter {
    std::string topic_filter;
    std::uint8_t qos = 0;
    std::size_t next_member = 0;  ///< of a shared filter: whose turn it is
    std::vector<Subscription*> members;
  };

  [[nodiscard]] std::size_t size() const { return subscriptions_.size(); }
  [[nodiscard]] Subscription* find(std::string_view id);
  [[nodiscard]] Subscription* by_number(std::uint32_t number);
  [[nodiscard]] Filter* filter(std::uint32_t broker_id) {
    if (broker_id != last_broker_id_) look_up(broker_id);
    return last_filter_;
  }
  /// Whether there was a subscription of this number.
  [[nodiscard]] bool has_been(std::uint32_t number) const { return number != 0 && number < next_number_; }

  /// Gives it a number, unless it has one, and the broker's id of its filter.
  Subscription& add(Subscription subscription, std::string_view topic_filter, std::uint8_t qos);
  /// The filter, if it was the last one of it; empty otherwise.
  std::string remove(const Subscription& subscription);
  /// Who of a shared filter gets the next message: in turn, those with room first. The filter has members.
  [[nodiscard]] static Subscription& pick(Filter& filter);

  [[nodiscard]] const std::vector<std::unique_ptr<Subscription>>& all() const { return subscriptions_; }
  [[nodiscard]] std::uint32_t next_number() const { return next_number_; }
  /// For what is no subscription of the client's, and not kept here.
  [[nodiscard]] std::uint32_t take_number() { return next_number_++; }
  [[nodiscard]] std::uint32_t next_broker_id() const { return next_broker_id_; }
  /// After an upgrade, before add(): numbers are used once for a connection.
  void resume(std::uint32_t next_number, std::uint32_t next_broker_id);

 private:
  void look_up(std::uint32_t broker_id);

  std::vector<std::unique_ptr<Subscription>> subscriptions_;
  std::unordered_map<std::uint32_t, Filter> filters_;  ///< by the broker's id
  std::uint32_t last_broker_id_ = 0;                   ///< asked for last: mostly it is the next one too
  Filter* last_filter_ = nullptr;
  std::uint32_t next_number_ = 1;
  std::uint32_t next_broker_id_ = 1;
};

}  // namespace patchbay::stomp
