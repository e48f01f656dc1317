#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "access/anonymous_policy.h"
#include "access/authenticate.h"
#include "access/authorize.h"
#include "access/client_info.h"
#include "access/decision_cache.h"
#include "access/enhanced_authentication.h"
#include "base/chain_run.h"
#include "base/deferral.h"

namespace patchbay::access {

/// The chains that decide about access; one for the node, shared by all shards, each list swapped whole. [any-thread]
struct AccessPoints {
  base::ChainPoint<AuthenticateEvent> authenticate;
  base::ChainPoint<EnhancedAuthenticationEvent> enhanced_authentication;
  base::ChainPoint<AuthorizeEvent> authorize_publish;
  base::ChainPoint<AuthorizeEvent> authorize_subscribe;
  /// Hears of each decision about a publication or a subscription; has no say, and may be empty whoever decides.
  base::ChainPoint<AuthorizedEvent> authorized;
  /// Somebody who is to decide who may connect does not run: nobody gets in in its place. Set by the control plane.
  std::atomic<bool> authenticator_absent{false};
  /// The same of who decides what clients may do: what nobody else decides is denied in its place.
  std::atomic<bool> authorizer_absent{false};

  /// Nobody is asked, because there is nobody, and not because somebody is missing. [shard]
  [[nodiscard]] bool open_to(const base::ChainPoint<AuthorizeEvent>& point) const {
    return point.empty() && !authorizer_absent.load(std::memory_order_relaxed);
  }
};

/// How access control behaves. Constant while a shard uses it.
struct AccessSettings {
  AnonymousPolicy allow_anonymous = AnonymousPolicy::automatic;
  uint64_t cache_ttl_ms = 60'000;  ///< 0: nothing is cached
  size_t cache_max_entries = 32;   ///< for each client
};

class AccessControl;

/// The asker's side of a log-in or of one step of an exchange, embedded in a session. Destroying it cancels. [shard]
template <class Event>
class AccessPending {
 public:
  /// Called once, when an answer was deferred, with the outcome in `event.result`. May destroy the AccessPending.
  using Callback = void (*)(void* owner, Event& event);

  AccessPending(Callback callback, void* owner) : run_(&on_complete, this), callback_(callback), owner_(owner) {}

  [[nodiscard]] bool waiting() const { return run_.waiting(); }
  void cancel() { run_.cancel(); }

 private:
  friend class AccessControl;
  static void on_complete(void* self, Event& event);

  base::ChainPending<Event> run_;
  Callback callback_;
  void* owner_;
  AccessControl* control_ = nullptr;
};

using AuthenticationPending = AccessPending<AuthenticateEvent>;
using EnhancedAuthenticationPending = AccessPending<EnhancedAuthenticationEvent>;

/// The asker's side of authorization, embedded in a session: the open question, if any, and what was decided lately.
/// Destroying it cancels the question. [shard]
class AuthorizationPending {
 public:
  /// The answer to the question that was deferred. May destroy the AuthorizationPending or ask the next question.
  using Callback = void (*)(void* owner, AuthorizeResult result);

  AuthorizationPending(Callback callback, void* owner) : run_(&on_complete, this), callback_(callback), owner_(owner) {}

  [[nodiscard]] bool waiting() const { return run_.waiting(); }
  void cancel() { run_.cancel(); }
  /// Forgets what was decided: the client's identity or rules changed. An answer that is still awaited will be given,
  /// and not be remembered.
  void clear_cache() {
    cache_.reset();
    ++clearings_;
  }

 private:
  friend class AccessControl;
  static void on_complete(void* self, AuthorizeEvent& event);

  base::ChainPending<AuthorizeEvent> run_;
  Callback callback_;
  void* owner_;
  AccessControl* control_ = nullptr;
  uint32_t cache_epoch_ = 0;
  uint32_t clearings_ = 0;
  uint64_t asked_at_ = 0;  ///< clearings of all and of this one when the open question was asked
  std::unique_ptr<DecisionCache> cache_;
};

/// One shard's door to access control, used by its sessions. Every answer comes at once (a value) or later (nothing
/// now; the pending's callback on this shard). First decisive answer wins; a failing or late entry denies. [shard]
class AccessControl {
 public:
  AccessControl(const AccessPoints& points, base::Deferrals& deferrals, const AccessSettings& settings);

  /// No authenticator exists: access.allow_anonymous decides. Authenticators exist and none has an opinion: denied. A
  /// deferred result arrives as the `result` of the event that the pending's callback gets.
  [[nodiscard]] std::optional<AuthenticateResult> authenticate(AuthenticateRequest request,
                                                               AuthenticationPending& pending);
  /// Nobody knows the method: denied with 0x8C.
  [[nodiscard]] std::optional<EnhancedResult> authenticate_step(EnhancedAuthenticationEvent step,
                                                                EnhancedAuthenticationPending& pending);
  /// An id for a new exchange of AUTH packets.
  [[nodiscard]] uint64_t new_exchange_id();

  /// `client` must live until the answer is there or the pending is cancelled; the texts only during the call.
  /// True when the answer is yes without asking anybody: no authorizers, no permissions of the client, no '$' topic,
  /// and nobody who watches.
  [[nodiscard]] bool may_publish_unasked(const ClientInfo& client, std::string_view topic) const {
    return points_.open_to(points_.authorize_publish) && client.permissions() == nullptr && !topic.starts_with('$') &&
           points_.authorized.empty();
  }
  /// Without authorizers and permissions of the client, all but '$' topics is allowed without a call.
  [[nodiscard]] std::optional<AuthorizeResult> authorize_publish(const ClientInfo& client, std::string_view topic,
                                                                 mqtt::Qos qos, bool retain,
                                                                 AuthorizationPending& pending) {
    if (may_publish_unasked(client, topic)) return AuthorizeResult::allow();
    return ask_publish(client, topic, qos, retain, pending);
  }
  /// `topic_filter` comes without its $share/name/ prefix; `share_name` is the name, empty when not shared.
  [[nodiscard]] std::optional<AuthorizeResult> authorize_subscribe(const ClientInfo& client,
                                                                   std::string_view topic_filter, mqtt::Qos qos,
                                                                   AuthorizationPending& pending,
                                                                   std::string_view share_name = {});
  /// What is remembered for an asker, for who looks at it from outside; null: nothing.
  [[nodiscard]] const DecisionCache* remembered(const AuthorizationPending& pending) const {
    return pending.cache_epoch_ == cache_epoch_ ? pending.cache_.get() : nullptr;
  }
  /// A reload: for questions asked from now on.
  void set_settings(const AccessSettings& settings) { settings_ = settings; }
  /// Makes every client's cached decisions on this shard void at once.
  void invalidate_caches() { ++cache_epoch_; }

 private:
  friend class AuthorizationPending;
  template <class Event>
  friend class AccessPending;

  [[nodiscard]] std::optional<AuthorizeResult> ask_publish(const ClientInfo& client, std::string_view topic,
                                                           mqtt::Qos qos, bool retain, AuthorizationPending& pending);
  [[nodiscard, gnu::noinline]] std::optional<AuthorizeResult> ask_others_to_publish(const ClientInfo& client,
                                                                                    std::string_view topic,
                                                                                    mqtt::Qos qos, bool retain,
                                                                                    AuthorizationPending& pending);
  /// What the client's own permissions have no opinion about.
  [[nodiscard]] std::optional<AuthorizeResult> ask_others(const base::ChainPoint<AuthorizeEvent>& point,
                                                          AuthorizeEvent& question, AuthorizationPending& pending);
  /// Changes whenever decisions are to be forgotten.
  [[nodiscard]] uint64_t clearings(const AuthorizationPending& pending) const {
    return (uint64_t{cache_epoch_} << 32) | pending.clearings_;
  }
  [[nodiscard]] DecisionCache* cache_of(AuthorizationPending& pending) const;
  [[nodiscard]] AuthorizeResult conclude(AuthorizeEvent& event, AuthorizationPending& pending);
  void conclude(AuthenticateEvent& event);
  void conclude(EnhancedAuthenticationEvent& event);
  /// Counts the decision, and tells those who watch.
  [[nodiscard]] AuthorizeResult decided(const AuthorizeEvent& question, AuthorizeResult result,
                                        std::string_view decided_by) const;
  /// Counts the decision of somebody who had an opinion.
  [[nodiscard]] AuthorizeResult matched(AuthorizeResult result) const;
  [[nodiscard]] bool remembers() const { return settings_.cache_ttl_ms != 0 && settings_.cache_max_entries != 0; }
  void tell(const AuthorizedEvent& event) const;
  [[nodiscard]] AuthorizeResult counted(AuthorizeResult result) const;
  void count(const AuthenticateResult& result) const;

  const AccessPoints& points_;
  base::Deferrals& deferrals_;
  base::ShardServices& services_;
  AccessSettings settings_;
  uint32_t cache_epoch_ = 0;
  uint64_t exchanges_ = 0;
};

}  // namespace patchbay::access
