#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_info.h"
#include "base/chain.h"
#include "base/timer_wheel.h"
#include "distribution/delivery.h"
#include "mqtt/application_message.h"
#include "mqtt/passing_message.h"
#include "mqtt/reason_code.h"
#include "router/known_route.h"
#include "session/client_channel.h"
#include "session/client_traffic.h"
#include "session/inbound_inflight.h"
#include "session/outbound_inflight.h"
#include "session/outbound_queue.h"
#include "session/retained_lookups.h"
#include "session/retained_replay.h"
#include "session/session_environment.h"
#include "session/will.h"

namespace patchbay::hooks {
struct DeliveryEvent;
}

namespace patchbay::session {

/// One subscription of a session, under the topic filter as the client wrote it (`$share/…` included).
struct Subscription {
  std::string topic_filter;
  distribution::SubscriptionOptions options;
  uint32_t subscription_identifier = 0;
};

/// What belongs to one client beyond its connections: subscriptions, messages on their way in both directions, the
/// will. Lives on the home shard of its client id. Parts that a client doesn't use cost one pointer. [shard]
class Session {
 public:
  /// `client`: who it is of, replaced by set_client() whenever more is known.
  Session(SessionEnvironment& environment, distribution::SubscriberHandle handle, access::ClientInfoRef client);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  [[nodiscard]] distribution::SubscriberHandle handle() const { return handle_; }
  [[nodiscard]] SessionEnvironment& environment() const { return environment_; }
  [[nodiscard]] const access::ClientInfo& client() const { return *client_; }
  /// The client of a new connection; its client id and owner are those of the session.
  void set_client(access::ClientInfoRef client) { client_ = std::move(client); }
  [[nodiscard]] std::string_view client_id() const { return client_->client_id(); }
  /// The identity whose session this is: nobody else can take it over, read it or end it.
  [[nodiscard]] std::string_view owner() const { return owner_of(*client_); }
  /// The identity that an authenticator gave, or, where nobody authenticates, the user name that the client claims.
  [[nodiscard]] static std::string_view owner_of(const access::ClientInfo& client) {
    return client.identity().empty() ? client.username() : client.identity();
  }

  // The connected side
  // -------------------------------------------------------------------------------------------------------------
  [[nodiscard]] ClientChannel* channel() const { return channel_; }
  void attach(ClientChannel& channel);
  /// The connection is gone. The caller (SessionRegistry) decides about will and expiry.
  void detach();

  // Subscriptions
  // ------------------------------------------------------------------------------------------------------------------
  [[nodiscard]] const std::vector<Subscription>& subscriptions() const { return subscriptions_; }
  [[nodiscard]] Subscription* find_subscription(std::string_view topic_filter);
  /// Adds or replaces [MQTT-3.8.4-3]; the subscription index is the caller's.
  void keep_subscription(Subscription subscription);
  /// False when there was none.
  bool forget_subscription(std::string_view topic_filter);

  // Outbound
  // -----------------------------------------------------------------------------------------------------------------------
  /// A matched message for this client: sends it, queues it or drops it, and counts which. `further` are the
  /// continuations.
  void deliver(mqtt::MessageRef message, const distribution::Delivery& delivery,
               std::span<const distribution::Delivery> further, PublishImages* images);
  /// The same for a message that passes, where it can be sent at once and as it is. False: nothing has happened, and
  /// deliver() is the way.
  [[nodiscard]] bool pass(const mqtt::PassingMessage& message, const distribution::Delivery& delivery);
  /// Sends from the queue while the client and its window allow.
  void pump();
  /// The session was resumed by a new connection: what is not settled goes out again before anything else
  /// [MQTT-4.4.0-1].
  void begin_resend();
  /// True while a retained message fetched for a new subscription would not overflow the queue.
  [[nodiscard]] bool has_room_for_retained() const;

  /// Acknowledgements of the client. False when the packet identifier is not in that state.
  [[nodiscard]] bool on_puback(uint16_t packet_id, mqtt::ReasonCode reason);
  [[nodiscard]] bool on_pubrec(uint16_t packet_id, mqtt::ReasonCode reason);
  [[nodiscard]] bool on_pubcomp(uint16_t packet_id);
  /// True while a message that was sent with this identifier is not settled.
  [[nodiscard]] bool is_in_use(uint16_t packet_id) { return inflight_ && inflight_->peek(packet_id) != nullptr; }

  // Inbound
  // ------------------------------------------------------------------------------------------------------------------------
  [[nodiscard]] InboundInflight& inbound();
  [[nodiscard]] size_t inbound_size() const { return inbound_ ? inbound_->size() : 0; }

  [[nodiscard]] size_t queued_messages() const { return queue_ ? queue_->size() : 0; }
  [[nodiscard]] size_t inflight_messages() const { return inflight_ ? inflight_->unsettled() : 0; }
  /// For who looks at the session from outside; null while they were not needed.
  [[nodiscard]] const OutboundQueue* queue() const { return queue_.get(); }
  [[nodiscard]] const OutboundInflight* inflight() const { return inflight_.get(); }
  /// When the session ends: empties the queue and returns what came by shared subscriptions and may go to another
  /// member of the group, in order. That is QoS 1 without its PUBACK, and QoS 1 and 2 that was not sent yet; QoS 2 that
  /// was sent goes to nobody else [MQTT-4.8.2-5].
  [[nodiscard]] std::vector<OutboundMessage> take_shared();
  /// The same client, for who outlives the session.
  [[nodiscard]] const access::ClientInfoRef& client_ref() const { return client_; }

  /// What this client has sent and got since its last connection began; null: no message yet.
  [[nodiscard]] const MessageTraffic* messages() const { return beside_ ? &beside_->messages : nullptr; }
  [[nodiscard]] MessageTraffic& message_traffic() { return beside().messages; }

  /// Where the client's last message went.
  [[nodiscard]] router::KnownRoute& known_route() {
    std::unique_ptr<router::KnownRoute>& known = beside().known_route;
    if (!known) [[unlikely]]
      known = std::make_unique<router::KnownRoute>();
    return *known;
  }

  /// Starts the retained messages of a subscription just made; they come in later turns, after the SUBACK.
  void begin_retained(const Subscription& subscription);
  void cancel_retained(std::string_view topic_filter);

  // Kept by SessionRegistry
  // --------------------------------------------------------------------------------------------------------
  uint32_t session_expiry_interval_s = 0;
  uint64_t created_at_unix_ms = 0;
  /// What only a disconnected session needs.
  struct Absence {
    base::Timer end_timer;   ///< session expiry
    base::Timer will_timer;  ///< will delay
    uint64_t disconnected_at_unix_ms = 0;
    PacketTraffic traffic;  ///< of the last connection, as the next one
    TransferTraffic transfers;
    Will will;  ///< waits for its delay; not sent when the client is back before [MQTT-3.1.3-9]
  };
  std::unique_ptr<Absence> absence;

 private:
  /// What a session through which no message went has no need of.
  struct Beside {
    std::unique_ptr<RetainedLookups> lookups;
    std::unique_ptr<router::KnownRoute> known_route;  ///< of a client that has published
    MessageTraffic messages;
  };
  [[nodiscard]] Beside& beside() {
    if (!beside_) [[unlikely]]
      beside_ = std::make_unique<Beside>();
    return *beside_;
  }
  [[nodiscard]] bool can_send(mqtt::Qos qos) const;
  void resend();
  void pump_queue();
  void send(OutboundMessage&& outbound, PublishImages* images);
  void drop_too_large(OutboundInflight::Entry& entry);
  void enqueue(OutboundMessage outbound);
  /// Whether somebody has a say in what is delivered, or is told of it.
  [[nodiscard]] bool deliveries_are_watched() const;
  void sent(const mqtt::Message& message, mqtt::Qos qos);
  void count_sent(mqtt::Qos qos);
  /// queue.overflow: what is to give way to `candidate`.
  [[nodiscard]] QueueDropPolicy ask_overflow(const OutboundMessage& candidate);
  void disconnect_later();
  /// What the delivery hooks say to it; false: it was dropped.
  [[nodiscard]] bool passes_hooks(OutboundMessage& outbound, PublishImages*& images);
  [[nodiscard]] bool transform(mqtt::MessageRef& message) const;
  [[nodiscard]] bool may_have(const mqtt::Message& message) const;
  [[nodiscard]] OutboundMessage outbound_of(mqtt::MessageRef&& message, const distribution::Delivery& delivery,
                                            std::span<const distribution::Delivery> further) const;
  void drop(base::Counter reason, const mqtt::Message& message, mqtt::Qos qos, std::string_view reason_text);
  void drop_expired(const mqtt::Message& message, mqtt::Qos qos);
  /// Tells the observers of one of the deliver points.
  void tell(const base::ChainPoint<hooks::DeliveryEvent>& point, const mqtt::Message& message, mqtt::Qos qos,
            std::string_view reason_text) const;
  void observe_acknowledged(uint16_t packet_id, mqtt::ReasonCode reason);
  static void deliver_found(void* self, RetainedLookups::Found found);
  /// What retain.lookup brought: delivered while there is room, unless the subscription is gone.
  void deliver_extra(const RetainedLookups::Found& found);
  void ask_for_retained();
  void on_retained_page(uint32_t sequence, router::RetainedPage&& page);
  [[nodiscard]] size_t retained_page_size() const;

  SessionEnvironment& environment_;
  distribution::SubscriberHandle handle_;
  access::ClientInfoRef client_;
  ClientChannel* channel_ = nullptr;
  std::vector<Subscription> subscriptions_;
  std::unique_ptr<OutboundInflight> inflight_;
  std::unique_ptr<OutboundQueue> queue_;
  std::unique_ptr<InboundInflight> inbound_;
  std::unique_ptr<RetainedReplay> retained_;
  std::unique_ptr<Beside> beside_;
};

/// Role: the sessions of a shard by their handles. Implemented by SessionRegistry. [shard]
class SessionDirectory {
 public:
  virtual ~SessionDirectory() = default;
  /// Null when the session has ended, also when its slot has a new tenant.
  [[nodiscard]] virtual Session* find(distribution::SubscriberHandle handle) = 0;
};

}  // namespace patchbay::session
