#include "questions.h"

namespace patchbay::auth_http {

namespace {

constexpr const char* kAlarm = "back_end_down";
constexpr uint8_t kNotAuthorized = 0x87;
constexpr uint8_t kBadUserNameOrPassword = 0x86;

std::shared_ptr<const support::HttpOptions> options_of(const Settings& settings) {
  support::HttpOptions out;
  out.ca_file = settings.tls.ca_file;
  out.certificate_file = settings.tls.certificate_file;
  out.key_file = settings.tls.key_file;
  out.key_password = settings.tls.key_password;
  out.verify = settings.tls.verify;
  out.connect_timeout = settings.connect_timeout;
  out.timeout = settings.request_timeout;
  out.response_bytes_max = settings.max_response_bytes;
  std::string ignored;  // the settings have been checked
  out.guard =
      support::AddressGuard::make(settings.allowed_hosts, settings.allowed_networks, ignored).value_or(out.guard);
  return std::make_shared<const support::HttpOptions>(std::move(out));
}

std::vector<patchbay_permission> raw_rules(const Reply& reply) {
  std::vector<patchbay_permission> out;
  for (const AclRule& rule : reply.acl) {
    patchbay_permission raw{};
    raw.size = sizeof raw;
    raw.allow = rule.allow ? 1 : 0;
    raw.actions = rule.actions;
    raw.qos_mask = rule.qos_mask;
    raw.retain = rule.retain;
    raw.topic_filter = patchbay::raw_text(rule.topic_filter);
    out.push_back(raw);
  }
  return out;
}

}  // namespace

Questions::Questions(patchbay::host host, const patchbay_answers* answers, const Settings& settings,
                     support::HttpTransport& transport)
    : host_(host), answers_(answers), transport_(transport), alarms_(host), pending_max_(settings.max_pending) {
  const auto options = options_of(settings);
  if (!settings.authentication.url.empty()) authentication_.emplace(settings.authentication, false, options);
  if (!settings.authorization.url.empty()) authorization_.emplace(settings.authorization, true, options);
  for (const bool authorization : {false, true}) {
    const std::string_view kind = authorization ? "authorization" : "authentication";
    const auto counter = [&](std::string_view result) {
      return patchbay::counter(host, "replies", "Questions by what became of them.",
                               {{"kind", kind}, {"result", result}});
    };
    counts_[authorization ? 1 : 0] = {counter("allow"), counter("deny"), counter("ignore"), counter("failed"),
                                      counter("refused")};
  }
}

patchbay::verdict Questions::authenticate(patchbay_token token, const Subject& subject) {
  return ask(authentication_, token, subject, false);
}

patchbay::verdict Questions::authorize(patchbay_token token, const Subject& subject) {
  return ask(authorization_, token, subject, true);
}

patchbay::verdict Questions::ask(const std::optional<Endpoint>& endpoint, patchbay_token token, const Subject& subject,
                                 bool authorization) {
  if (!endpoint) return patchbay::verdict::cont();
  auto request = endpoint->request_for(subject);
  if (!request) {
    counts(authorization).refused.add();
    return patchbay::verdict::deny(authorization ? kNotAuthorized : kBadUserNameOrPassword);
  }
  {
    const std::lock_guard lock(mutex_);
    if (token.id == 0 || pending_.size() >= pending_max_) {
      counts(authorization).failed.add();
      return patchbay::verdict::failed();
    }
    const std::string& identity = subject.username.empty() ? subject.client_id : subject.username;
    pending_[token.id] = {0, identity, authorization};
  }
  const uint64_t number = transport_.send(
      std::move(*request), [this, token](const support::HttpResponse& response) { on_response(token, response); });
  const std::lock_guard lock(mutex_);
  const auto found = pending_.find(token.id);
  if (found != pending_.end()) found->second.request = number;
  return patchbay::verdict::defer();
}

void Questions::on_response(patchbay_token token, const support::HttpResponse& response) {
  Pending pending;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(token.id);
    if (found == pending_.end()) return;
    pending = std::move(found->second);
    pending_.erase(found);
  }
  const Reply reply = read_reply(response, pending.authorization);
  note(reply, pending.authorization);
  host_.complete(token, verdict_of(reply, pending).raw());
}

patchbay::verdict Questions::verdict_of(const Reply& reply, const Pending& pending) const {
  switch (reply.answer) {
    case Answer::ignore:
      return patchbay::verdict::cont();
    case Answer::deny:
      return patchbay::verdict::deny(pending.authorization ? kNotAuthorized : kBadUserNameOrPassword);
    case Answer::failed:
      return patchbay::verdict::failed();
    case Answer::allow:
      break;
  }
  if (pending.authorization) return patchbay::verdict::allow();
  const bool expired = reply.expires_at_unix_ms != 0 && reply.expires_at_unix_ms <= host_.now_unix_ms();
  return expired ? patchbay::verdict::deny(kBadUserNameOrPassword) : grant(reply, pending.identity);
}

// The layer's own patchbay::grant has no QoS and no retain in its rules, so the C struct is filled here.
patchbay::verdict Questions::grant(const Reply& reply, const std::string& identity) const {
  const auto rules = raw_rules(reply);
  std::vector<patchbay_pair> attributes;
  for (const auto& [name, value] : reply.attributes)
    attributes.push_back({patchbay::raw_text(name), patchbay::raw_text(value)});
  patchbay_grant raw{};
  raw.size = sizeof raw;
  raw.superuser = reply.is_superuser ? 1 : 0;
  raw.has_permissions = reply.has_acl ? 1 : 0;
  raw.identity = patchbay::raw_text(identity);
  raw.permissions = rules.data();
  raw.permission_count = rules.size();
  raw.attributes = attributes.data();
  raw.attribute_count = attributes.size();
  raw.expires_at_unix_ms = reply.expires_at_unix_ms;
  return patchbay::verdict::with(PATCHBAY_ALLOW, answers_->grant(host_.raw(), &raw));
}

void Questions::note(const Reply& reply, bool authorization) {
  const Counts& counted = counts(authorization);
  const patchbay::counter* const by_answer[] = {&counted.allowed, &counted.denied, &counted.ignored, &counted.failed};
  by_answer[static_cast<size_t>(reply.answer)]->add();
  std::string before;
  {
    const std::lock_guard lock(mutex_);
    before = std::exchange(trouble_, reply.trouble);
  }
  if (before.empty() && !reply.trouble.empty()) {
    host_.log_warning("the back end doesn't answer as it should: ", reply.trouble);
    alarms_.raise(kAlarm, reply.trouble);
  } else if (!before.empty() && reply.trouble.empty()) {
    host_.log_info("the back end answers again");
    alarms_.clear(kAlarm);
  }
}

void Questions::forget(patchbay_token token) {
  uint64_t request = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(token.id);
    if (found == pending_.end()) return;
    request = found->second.request;
    pending_.erase(found);
  }
  if (request != 0) transport_.cancel(request);
}

void Questions::end() {
  std::map<uint64_t, Pending> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(pending_);
  }
  for (const auto& [token, pending] : left) host_.complete(patchbay_token{token}, patchbay::verdict::failed().raw());
}

std::string Questions::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

size_t Questions::pending() const {
  const std::lock_guard lock(mutex_);
  return pending_.size();
}

}  // namespace patchbay::auth_http
