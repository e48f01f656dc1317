#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grant_answer.h"
#include "key_source.h"
#include "late_rules.h"
#include "metrics.h"
#include "patchbay/plugin.hpp"
#include "patchbay/timers.hpp"
#include "patchbay/workers.hpp"
#include "settings.h"

namespace patchbay::auth_jwt {

/// The plugin: hooks in front, the check of tokens behind them. `Download` fetches a key set from its URL; the real one
/// is download_jwks(), tests have their own.
template <KeySource::Fetched (*Download)(const JwksLocation&, const std::atomic<bool>&)>
class AuthJwt final : public patchbay::plugin<AuthJwt<Download>, Settings> {
  using base = patchbay::plugin<AuthJwt<Download>, Settings>;

 public:
  using verdict = patchbay::verdict;
  explicit AuthJwt(patchbay::host of)
      : base(of), workers_(of), alarms_(of), answers_(of.need<patchbay_answers>(PATCHBAY_ANSWERS_1)), metrics_(of) {}

  // --- life [control]

  void check(const Settings& settings, patchbay::error_list& errors) const {
    static_cast<void>(prepare(settings, errors));
  }
  status configure(const Settings& settings) {
    const bool same_hooks = !started_ || settings.evaluate_acl == prepared().evaluates_acl;
    if (started_ && (!same_hooks || !(settings.keys == keys_settings_))) return PATCHBAY_NEEDS_RESTART;
    patchbay::error_list unheard(nullptr);  // check() has told them
    auto prepared = prepare(settings, unheard);
    if (!prepared) return PATCHBAY_INVALID;
    keys_settings_ = settings.keys;
    versions_.push_back(std::move(prepared));  // logins on shards may be reading the one before
    prepared_.store(versions_.back().get(), std::memory_order_release);
    return PATCHBAY_OK;
  }
  void start() {
    started_ = true;
    const PreparedSettings& now = prepared();
    if (now.evaluates_acl) add_acl_hooks();
    if (now.keys) return metrics_.keys.set(static_cast<std::int64_t>(now.keys->size()));
    make_source();
    source_->tick();
    tick_ = patchbay::timer(*this, kTick, kTick, [this] { tick(); });
  }
  void stop() {
    tick_.cancel();
    if (source_) source_->stop();
  }
  patchbay::health_report health() {
    if (!source_) return patchbay::health_report::healthy("fixed keys");
    const KeySource::State state = source_->state();
    if (!state.age_ms) {
      return state.failures == 0 ? patchbay::health_report::connecting("the keys are being fetched")
                                 : patchbay::health_report::down("no keys: " + state.problem);
    }
    const std::string age = std::to_string(state.keys) + " keys, " + std::to_string(*state.age_ms / 1'000) + " s old";
    return state.failures == 0 ? patchbay::health_report::healthy(age)
                               : patchbay::health_report::connecting(age + ": " + state.problem);
  }

  // --- hooks [shard]

  verdict on_authenticate(patchbay::auth_request a) {
    const PreparedSettings& now = prepared();
    const std::string_view token = now.token_is_username ? a.username() : as_text(a.password());
    if (token.empty()) return missing(now);
    return decide({a.token(), token, a.client_id(), a.username(), false});
  }
  verdict on_auth_enhanced(patchbay::enhanced_request a) {
    const PreparedSettings& now = prepared();
    if (now.method.empty() || a.method() != now.method) return verdict::cont();
    const std::string_view token = as_text(a.data());
    if (token.empty()) return refuse(Refusal::missing, true);
    const patchbay::client who = a.client();
    // A client that logs in by AUTH has its user name to itself: the token does not stand there.
    return decide({a.token(), token, who.id(), who.username(), true});
  }
  void on_cancel(patchbay_token token) {
    if (source_) source_->forget(token.id);
  }

 private:
  static constexpr std::chrono::milliseconds kTick{1'000};
  static constexpr std::uint8_t kBadUserNameOrPassword = 0x86;  // MQTT 5.0, 3.2.2.2
  static constexpr std::uint8_t kNotAuthorized = 0x87;

  struct Question {
    patchbay_token of;
    std::string_view token;
    std::string_view client_id;
    std::string_view username;
    bool enhanced;
  };

  const PreparedSettings& prepared() const { return *prepared_.load(std::memory_order_acquire); }
  std::shared_ptr<const KeySet> keys_now() const { return source_ ? source_->keys() : prepared().keys; }

  CheckedToken check_now(const Question& asked) const {
    const auto keys = keys_now();
    if (!keys) return {Refusal::unavailable, {}};
    const PreparedSettings& now = prepared();
    const Bearer bearer{asked.client_id, asked.username, now.token_is_username && !asked.enhanced};
    return check_token(now.policy, *keys, asked.token, bearer, static_cast<std::int64_t>(this->host().now_unix_ms()));
  }

  verdict decide(const Question& asked) {
    CheckedToken checked = check_now(asked);
    const bool keys_missing = checked.refusal == Refusal::unknown_key || checked.refusal == Refusal::unavailable;
    if (keys_missing && source_ && asked.of.id != 0 && asked.token.size() <= prepared().policy.max_token_bytes) {
      WaitingLogin login;
      login.token_id = asked.of.id;
      login.client_id = asked.client_id;
      login.username = asked.username;
      login.token = asked.token;
      login.enhanced = asked.enhanced;
      if (source_->wait_for_keys(login)) {
        metrics_.deferred.add();
        return verdict::defer();
      }
    }
    return conclude(std::move(checked), asked.enhanced);
  }

  /// Those who waited: the keys are newer now, or will not be.
  void answer_waiting(std::vector<WaitingLogin> logins) {
    for (const WaitingLogin& each : logins) {
      const Question asked{{each.token_id}, each.token, each.client_id, each.username, each.enhanced};
      this->complete(asked.of, conclude(check_now(asked), each.enhanced));
    }
  }

  verdict conclude(CheckedToken checked, bool enhanced) {
    const bool disconnects = prepared().policy.disconnect_at_expiry;
    std::string late;
    if (checked.refusal == Refusal::none && !checked.permit.permissions.late.empty()) {
      const auto written =
          write_late_rules(checked.permit.permissions, disconnects ? 0 : checked.permit.expires_at_unix_ms);
      if (!written || !prepared().evaluates_acl) checked.refusal = Refusal::permissions;
      if (written) late = *written;
    }
    if (checked.refusal != Refusal::none) return refuse(checked.refusal, enhanced);
    metrics_.authenticated.add();
    return grant_answer(this->host().raw(), answers_, checked.permit, late, disconnects, enhanced);
  }

  verdict missing(const PreparedSettings& now) {
    if (!now.ignores_missing) return refuse(Refusal::missing, true);
    metrics_.ignored.add();
    return verdict::cont();
  }

  /// Where keys can't be had, nobody knows what the token is worth: that is a failure, which the host never takes for
  /// "no opinion". Nothing of the token is logged.
  verdict refuse(Refusal why, bool may_be_in_disconnect) {
    if (why == Refusal::unknown_key && source_ && source_->state().failures != 0) why = Refusal::unavailable;
    metrics_.refused[static_cast<std::size_t>(why)].add();
    this->host().log_debug("login refused: ", name_of(why));
    if (why == Refusal::unavailable) return verdict::failed();
    // Re-authentication is refused by DISCONNECT, which can't carry 0x86 (MQTT 5.0, table 2-6).
    return verdict::deny(may_be_in_disconnect ? kNotAuthorized : kBadUserNameOrPassword);
  }

  /// Not by name, as the others: where an authorizer exists, what none allows is denied, so that one which never has an
  /// opinion would lock everybody out who has no ACL.
  void add_acl_hooks() {
    patchbay_hook hook{};
    hook.phase = PATCHBAY_PHASE_DECIDE;
    hook.self = this;
    hook.fn = [](void* self, const void* event, patchbay_token token) {
      const AuthJwt& own = *static_cast<AuthJwt*>(self);
      try {
        const auto* asked = static_cast<const patchbay_authorize_event*>(event);
        return own.ask_late({own.host().raw(), asked, token}).raw();
      } catch (...) {
        return verdict::failed().raw();
      }
    };
    const std::pair<std::uint32_t, std::string_view> points[] = {{PATCHBAY_HOOK_acl_publish, "acl.publish"},
                                                                 {PATCHBAY_HOOK_acl_subscribe, "acl.subscribe"}};
    for (const auto& [number, name] : points)
      patchbay::require(patchbay::hook_options(number, name).add_to(this->host().raw(), hook), name);
  }
  verdict ask_late(const patchbay::acl_request& a) const {
    const patchbay::client who = a.client();
    const std::string_view written = who.attribute(kLateRulesAttribute);
    if (written.empty()) return verdict::cont();
    const patchbay_client_view view = who.view();
    support::TopicValues values;
    values.client_id = text(view.client_id);
    values.username = text(view.username);
    values.attribute = [](const void* of, std::string_view name) {
      return static_cast<const patchbay::client*>(of)->attribute(name);
    };
    values.attribute_context = &who;
    const AccessQuestion question{a->action, a->qos, a->retain != 0, a.topic()};
    const auto answer = ask_late_rules(written, question, values, this->host().now_unix_ms());
    return !answer ? verdict::cont() : *answer ? verdict::allow() : verdict::deny(kNotAuthorized);
  }

  void make_source() {
    const KeySettings from = keys_settings_;
    KeySource::Parts parts;
    const bool file = from.from == "file";
    parts.fetch = [from, file](const std::atomic<bool>& stop) {
      return file ? read_key_file(from.path) : Download(from.jwks, stop);
    };
    parts.read = [file](std::string_view text) { return file ? read_pem(text) : read_jwks(text); };
    parts.run_on_worker = [this](std::function<void()> work) { return workers_.run(std::move(work)) == PATCHBAY_OK; };
    parts.now_ms = [of = this->host()] { return static_cast<std::uint64_t>(of.now().count()); };
    parts.answer = [this](std::vector<WaitingLogin> logins) { answer_waiting(std::move(logins)); };
    parts.tell = [this](const std::string& problem, std::size_t count) { tell(problem, count); };
    RefreshSchedule::Terms terms;
    terms.interval_ms = static_cast<std::uint64_t>(from.refresh_interval.count());
    terms.minimum_interval_ms = static_cast<std::uint64_t>(from.minimum_interval.count());
    source_ = std::make_unique<KeySource>(std::move(parts), terms,
                                          this->host().now_unix_ms() ^ this->host().instance_number());
  }

  void tell(const std::string& problem, std::size_t count) {
    if (problem.empty()) {
      metrics_.refreshes.add();
      metrics_.keys.set(static_cast<std::int64_t>(count));
      metrics_.age.set(0);
      if (failing_.exchange(false)) this->host().log_info("the keys can be fetched again: ", count);
      return alarms_.clear("keys");
    }
    metrics_.refresh_failures.add();
    failing_ = true;
    this->host().log_warning("the keys can't be fetched, the last good ones stay: ", problem);
    alarms_.raise("keys", problem);
  }

  void tick() {
    source_->tick();
    const KeySource::State state = source_->state();
    if (state.age_ms) metrics_.age.set(static_cast<std::int64_t>(*state.age_ms / 1'000));
    metrics_.waiting.set(static_cast<std::int64_t>(state.waiting));
  }

  patchbay::workers workers_;
  patchbay::alarms alarms_;
  const patchbay_answers* answers_;
  Metrics metrics_;
  KeySettings keys_settings_;
  std::vector<std::unique_ptr<const PreparedSettings>> versions_;
  std::atomic<const PreparedSettings*> prepared_{nullptr};
  std::unique_ptr<KeySource> source_;
  patchbay::timer tick_;
  std::atomic<bool> failing_{false};
  bool started_ = false;
};

}  // namespace patchbay::auth_jwt
