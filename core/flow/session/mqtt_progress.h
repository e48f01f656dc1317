#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/access_control.h"
#include "access/credentials.h"
#include "distribution/delivery.h"
#include "hooks/dispatch.h"
#include "hooks/events.h"
#include "session/ack_queue.h"
#include "session/topic_alias_map.h"
#include "topic/topic_limits.h"

namespace patchbay::session {

class MqttMachine;

/// What is known of a CONNECT while it is being decided. Exists from CONNECT to CONNACK. [shard]
struct ConnectProgress {
  explicit ConnectProgress(MqttMachine& owner)
      : machine(owner),
        rewriting(&ConnectProgress::rewritten, this),
        authentication(&ConnectProgress::answered, this),
        enriching(&ConnectProgress::enriched, this),
        opening(&ConnectProgress::opened, this) {}
  static void rewritten(void* self, hooks::ConnectRewriteEvent& event);
  static void enriched(void* self, hooks::EnrichEvent& event);
  static void answered(void* self, access::AuthenticateEvent& event);
  static void opened(void* self, hooks::SessionOpenEvent& event);
  /// The client has been authenticated, or refused: decides about the CONNECT that was kept.
  void resume();

  MqttMachine& machine;
  hooks::HookPending<hooks::ConnectRewriteEvent> rewriting;
  access::AuthenticationPending authentication;
  hooks::HookPending<hooks::EnrichEvent> enriching;
  hooks::HookPending<hooks::SessionOpenEvent> opening;
  uint64_t asked_at_ms = 0;    ///< when authentication began
  std::string sent_client_id;  ///< by the client itself, before anybody replaced it
  uint16_t sent_keep_alive_s = 0;
  std::string client_id;  ///< as the session will have it: sent, assigned, or taken from elsewhere
  bool client_id_assigned = false;
  std::string username;  ///< sent, or from the certificate
  access::CredentialsRef credentials;
  std::optional<access::AuthenticateResult> result;
  std::vector<uint8_t> authentication_data;  ///< for CONNACK, after an exchange [MQTT-4.12.0-5]
  uint8_t first_byte = 0;
  std::vector<uint8_t> packet;                        ///< copy of the CONNECT's body
  std::optional<uint32_t> session_expiry_interval_s;  ///< granted by session.open in place of the core's
};

/// An exchange of AUTH packets, at CONNECT or later, and the method that belongs to the connection from then on.
/// [shard]
struct EnhancedExchange {
  explicit EnhancedExchange(MqttMachine& owner)
      : machine(owner), pending(&EnhancedExchange::answered, this), enriching(&EnhancedExchange::enriched, this) {}
  static void enriched(void* self, hooks::EnrichEvent& event);
  static void answered(void* self, access::EnhancedAuthenticationEvent& event);

  MqttMachine& machine;
  access::EnhancedAuthenticationPending pending;
  hooks::HookPending<hooks::EnrichEvent> enriching;  ///< of a client that authenticates again
  std::vector<uint8_t> last_data;                    ///< for the AUTH that ends it
  uint64_t asked_at_ms = 0;
  std::string method;
  uint64_t exchange_id = 0;
  uint32_t step = 0;
  bool re_authentication = false;
  bool running = false;
};

/// A PUBLISH that may have to wait for access control or a hook. Made at the first PUBLISH that has to be asked about.
/// [shard]
struct PublishProgress {
  explicit PublishProgress(MqttMachine& owner)
      : machine(owner),
        authorization(&PublishProgress::authorized, this),
        acceptance(&PublishProgress::accepted, this) {}
  static void authorized(void* self, access::AuthorizeResult result);
  static void accepted(void* self, hooks::PublishAcceptEvent& event);

  [[nodiscard]] bool waiting() const { return authorization.waiting() || acceptance.waiting(); }
  void authorize();
  void on_authorized(const access::AuthorizeResult& result);
  void accept();
  void on_accepted(hooks::PublishAcceptEvent& event);
  void finish();

  MqttMachine& machine;
  access::AuthorizationPending authorization;
  hooks::HookPending<hooks::PublishAcceptEvent> acceptance;
  mqtt::MessageRef message;
  std::unique_ptr<hooks::AcknowledgementHold> hold;
  uint16_t packet_id = 0;
  mqtt::Qos qos = mqtt::Qos::at_most_once;  ///< of the packet, which a hook cannot change
  bool accepted_once = false;               ///< a replaced message is authorized again, but not offered again
};

/// A SUBSCRIBE, filter by filter; any of them may have to wait. [shard]
struct SubscribeProgress {
  explicit SubscribeProgress(MqttMachine& owner)
      : machine(owner),
        authorization(&SubscribeProgress::authorized, this),
        rewriting(&SubscribeProgress::rewritten, this) {}
  static void authorized(void* self, access::AuthorizeResult result);
  static void rewritten(void* self, hooks::SubscribeRewriteEvent& event);

  struct Request {
    std::string topic_filter;
    distribution::SubscriptionOptions options;
    bool added = false;  ///< by subscribe.rewrite: the client is told nothing of it
  };

  /// Goes on from `next`; returns when all filters are decided or one has to wait.
  void run();
  /// One step each; true when the filter can go on at once.
  [[nodiscard]] bool rewrite(Request& request);
  void take_rewrite(hooks::SubscribeRewriteEvent& event);
  [[nodiscard]] bool check(const Request& request);
  [[nodiscard]] bool authorize(const Request& request);
  void authorized_now(const access::AuthorizeResult& result);
  void subscribe(const Request& request, mqtt::Qos maximum_qos);
  [[nodiscard]] topic::TopicLimits topic_limits() const;
  void decide(mqtt::ReasonCode reason);
  void finish();

  MqttMachine& machine;
  access::AuthorizationPending authorization;
  hooks::HookPending<hooks::SubscribeRewriteEvent> rewriting;
  std::vector<Request> requests;
  std::vector<uint8_t> reason_codes;
  size_t next = 0;
  uint16_t packet_id = 0;
  uint32_t subscription_identifier = 0;
  bool running = false;  ///< run() is on the stack
  bool silent = false;   ///< no SUBACK: subscriptions that the broker makes for the client
};

/// The end of a client's credentials.
struct CredentialsEnd {
  base::Timer timer;
};

/// The parts of a machine that few connections need, or only for a while.
struct MqttParts {
  std::unique_ptr<ConnectProgress> connect;
  std::unique_ptr<PublishProgress> publish;
  std::unique_ptr<SubscribeProgress> subscribe;
  std::unique_ptr<EnhancedExchange> exchange;
  std::unique_ptr<AckQueue> acks;
  std::unique_ptr<InboundTopicAliases> aliases_in;
  std::unique_ptr<CredentialsEnd> credentials_end;
  std::vector<access::ClientInfoRef> former_clients;  ///< questions that are open may still be about them

  [[nodiscard]] bool empty() const {
    return !connect && !publish && !subscribe && !exchange && !acks && !aliases_in && !credentials_end;
  }
};

}  // namespace patchbay::session
