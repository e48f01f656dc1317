#include "access/access_control.h"

#include <utility>

namespace patchbay::access {

namespace {

/// Nobody had an opinion, or nobody is there who should have one.
constexpr std::string_view kDefault = "default";

constexpr std::string_view kSystemTopic = "$SYS";

bool is_system_topic(std::string_view topic) {
  return topic.starts_with(kSystemTopic) && (topic.size() == kSystemTopic.size() || topic[kSystemTopic.size()] == '/');
}

/// What holds where no authorizer exists: the broker's own topics are the broker's to write, and for local eyes.
AuthorizeResult built_in_policy(const AuthorizeEvent& question) {
  if (!is_system_topic(question.topic)) return AuthorizeResult::allow();
  const bool allowed = question.action == Action::subscribe && question.client->peer_loopback();
  return allowed ? AuthorizeResult::allow() : AuthorizeResult::deny();
}

AuthorizeResult as_result(bool allowed) {
  return allowed ? AuthorizeResult::allow() : AuthorizeResult::deny();
}

}  // namespace

template <class Event>
void AccessPending<Event>::on_complete(void* self, Event& event) {
  auto& pending = *static_cast<AccessPending*>(self);
  pending.control_->conclude(event);
  pending.callback_(pending.owner_, event);
}

template class AccessPending<AuthenticateEvent>;
template class AccessPending<EnhancedAuthenticationEvent>;

void AuthorizationPending::on_complete(void* self, AuthorizeEvent& event) {
  auto& pending = *static_cast<AuthorizationPending*>(self);
  const AuthorizeResult result = pending.control_->conclude(event, pending);
  pending.callback_(pending.owner_, result);
}

AccessControl::AccessControl(const AccessPoints& points, base::Deferrals& deferrals, const AccessSettings& settings)
    : points_(points), deferrals_(deferrals), services_(deferrals.services()), settings_(settings) {}

std::optional<AuthenticateResult> AccessControl::authenticate(AuthenticateRequest request,
                                                              AuthenticationPending& pending) {
  services_.count(base::Counter::client_authenticate);
  if (points_.authenticate.empty()) {
    request.result.anonymous = request.result.allowed =
        !points_.authenticator_absent.load(std::memory_order_relaxed) &&
        allows_anonymous(settings_.allow_anonymous, request.client->listener_loopback());
    if (request.result.allowed) request.result.reason = mqtt::ReasonCode::success;
  } else {
    pending.control_ = this;
    if (!base::run_chain(points_.authenticate, deferrals_, request, &pending.run_)) return std::nullopt;
  }
  conclude(request);
  return std::move(request.result);
}

std::optional<EnhancedResult> AccessControl::authenticate_step(EnhancedAuthenticationEvent step,
                                                               EnhancedAuthenticationPending& pending) {
  if (step.step == 0) services_.count(base::Counter::client_authenticate);
  pending.control_ = this;
  if (!base::run_chain(points_.enhanced_authentication, deferrals_, step, &pending.run_)) return std::nullopt;
  conclude(step);
  return std::move(step.result);
}

uint64_t AccessControl::new_exchange_id() {
  return (uint64_t{services_.id} << 48) | ++exchanges_;
}

void AccessControl::conclude(AuthenticateEvent& event) {
  event.result.decided_by = std::move(event.decided_by);
  count(event.result);
}

void AccessControl::conclude(EnhancedAuthenticationEvent& event) {
  if (!event.decided) {
    // [MQTT-4.12.0-1] a method that the server doesn't support
    event.result.authentication = deny_authentication(mqtt::ReasonCode::bad_authentication_method);
  }
  event.result.authentication.decided_by = std::move(event.decided_by);
  if (event.result.outcome != EnhancedOutcome::proceed_with_data) count(event.result.authentication);
}

void AccessControl::count(const AuthenticateResult& result) const {
  services_.count(result.allowed ? base::Counter::client_auth_success : base::Counter::client_auth_failure);
  if (result.anonymous) services_.count(base::Counter::client_auth_anonymous);
}

AuthorizeResult AccessControl::counted(AuthorizeResult result) const {
  services_.count(result.allowed ? base::Counter::authorization_allow : base::Counter::authorization_deny);
  return result;
}

// Apart, so that a decision that nobody watches has only a test of it.
[[gnu::noinline]] void AccessControl::tell(const AuthorizedEvent& event) const {
  AuthorizedEvent told = event;
  base::observe_chain(points_.authorized, told);
}

AuthorizeResult AccessControl::decided(const AuthorizeEvent& question, AuthorizeResult result,
                                       std::string_view decided_by) const {
  if (!points_.authorized.empty()) {
    tell({question.action, question.client, question.topic, question.share_name, question.qos, question.retain, result,
          decided_by});
  }
  return counted(result);
}

AuthorizeResult AccessControl::matched(AuthorizeResult result) const {
  services_.count(result.allowed ? base::Counter::authorization_matched_allow
                                 : base::Counter::authorization_matched_deny);
  return result;
}

std::optional<AuthorizeResult> AccessControl::ask_publish(const ClientInfo& client, std::string_view topic,
                                                          mqtt::Qos qos, bool retain, AuthorizationPending& pending) {
  services_.count(base::Counter::client_authorize);
  std::string_view decided_by = "superuser";
  std::optional<AuthorizeResult> result;
  if (client.is_superuser()) {
    services_.count(base::Counter::authorization_superuser);
    result = AuthorizeResult::allow();
  } else if (const PermissionSet* own = client.permissions(); own != nullptr) {
    decided_by = "permissions";
    if (const auto may = own->may_publish(topic, qos, retain); may.has_value()) result = matched(as_result(*may));
  }
  if (result.has_value()) {
    if (!points_.authorized.empty()) tell({Action::publish, &client, topic, {}, qos, retain, *result, decided_by});
    return counted(*result);
  }
  return ask_others_to_publish(client, topic, qos, retain, pending);
}

// Apart from the above, which needs no question where the client's permissions answer.
std::optional<AuthorizeResult> AccessControl::ask_others_to_publish(const ClientInfo& client, std::string_view topic,
                                                                    mqtt::Qos qos, bool retain,
                                                                    AuthorizationPending& pending) {
  AuthorizeEvent question;
  question.action = Action::publish;
  question.client = &client;
  question.topic = topic;
  question.qos = qos;
  question.retain = retain;
  return ask_others(points_.authorize_publish, question, pending);
}

std::optional<AuthorizeResult> AccessControl::authorize_subscribe(const ClientInfo& client,
                                                                  std::string_view topic_filter, mqtt::Qos qos,
                                                                  AuthorizationPending& pending,
                                                                  std::string_view share_name) {
  services_.count(base::Counter::client_authorize);
  AuthorizeEvent question;
  question.action = Action::subscribe;
  question.client = &client;
  question.topic = topic_filter;
  question.share_name = share_name;
  question.qos = qos;
  if (client.is_superuser()) {
    services_.count(base::Counter::authorization_superuser);
    return decided(question, AuthorizeResult::allow(), "superuser");
  }
  if (const PermissionSet* own = client.permissions(); own != nullptr) {
    if (const auto may = own->may_subscribe(topic_filter, qos); may.has_value())
      return decided(question, matched(as_result(*may)), "permissions");
  }
  return ask_others(points_.authorize_subscribe, question, pending);
}

std::optional<AuthorizeResult> AccessControl::ask_others(const base::ChainPoint<AuthorizeEvent>& point,
                                                         AuthorizeEvent& question, AuthorizationPending& pending) {
  if (point.empty()) {
    services_.count(base::Counter::authorization_nomatch);
    // Permissions without an answer and nobody to ask, or nobody there who should be: not allowed is denied.
    if (question.client->permissions() != nullptr || !points_.open_to(point))
      return decided(question, AuthorizeResult::deny(), kDefault);
    return decided(question, built_in_policy(question), "built-in policy");
  }
  if (DecisionCache* cache = cache_of(pending); cache != nullptr) {
    if (const auto known = cache->find(question, services_.now_ms); known.has_value()) {
      services_.count(base::Counter::authorization_cache_hit);
      return decided(question, *known, "remembered");
    }
  }
  if (remembers()) services_.count(base::Counter::authorization_cache_miss);
  pending.control_ = this;
  pending.asked_at_ = clearings(pending);
  if (!base::run_chain(point, deferrals_, question, &pending.run_)) return std::nullopt;
  return conclude(question, pending);
}

DecisionCache* AccessControl::cache_of(AuthorizationPending& pending) const {
  if (pending.cache_epoch_ != cache_epoch_) {
    pending.cache_epoch_ = cache_epoch_;
    pending.cache_.reset();
  }
  return pending.cache_.get();
}

AuthorizeResult AccessControl::conclude(AuthorizeEvent& event, AuthorizationPending& pending) {
  const bool holds = event.cacheable && pending.asked_at_ == clearings(pending);
  if (holds && remembers()) {
    static_cast<void>(cache_of(pending));
    if (pending.cache_ == nullptr) pending.cache_ = std::make_unique<DecisionCache>();
    pending.cache_->store(event, services_.now_ms, settings_.cache_ttl_ms, settings_.cache_max_entries);
  }
  if (event.decided_by.empty()) {
    services_.count(base::Counter::authorization_nomatch);
    return decided(event, event.result, kDefault);
  }
  return decided(event, matched(event.result), event.decided_by);
}

}  // namespace patchbay::access
