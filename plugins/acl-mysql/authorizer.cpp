#include "authorizer.h"

#include <utility>

#include "settings.h"
#include "truth.h"

namespace patchbay::acl_mysql {

namespace {

QueryTemplate parsed(const std::string& text, QueryTemplate::Use use) {
  std::string reason;
  auto made = QueryTemplate::parse(text, use, reason);
  if (!made) throw error(PATCHBAY_INVALID, "query: " + reason);
  return std::move(*made);
}

Question question_of(const patchbay_authorize_event& event) {
  const bool publish = event.action == static_cast<std::uint8_t>(Question::Action::publish);
  return {publish ? Question::Action::publish : Question::Action::subscribe, event.qos, event.retain != 0,
          text(event.topic)};
}

}  // namespace

/// A question that the database is asked for.
class Authorizer::Lookup final : public Job {
 public:
  Lookup(Authorizer& of, Subject subject, const Question& question, patchbay_token token,
         std::shared_ptr<RuleCell> cell)
      : of_(of),
        subject_(std::move(subject)),
        topic_(question.topic),
        question_(question),
        token_(token),
        cell_(std::move(cell)),
        watch_(of.epochs_.watch(subject_.client_id, subject_.username)),
        epoch_(watch_.now()),
        deadline_ms_(of.now_ms() + of.query_timeout_ms_) {
    question_.topic = topic_;
  }
  Fault run(Connection& connection) override {
    RuleSet rules(subject_);
    const Fault fault = of_.fetch(connection, rules, question_);
    if (fault == Fault::lost) return fault;
    if (fault == Fault::refused) {
      give_up({});
      return fault;
    }
    const Decision decision = rules.decide(question_);
    // The next question of this client may come as soon as this one is answered, so that the rules go first.
    keep(std::move(rules));
    static_cast<void>(of_.host_.complete(token_, of_.answer(decision).raw()));
    return fault;
  }
  void give_up(std::string_view why) override {
    of_.metrics_.authorized_failed.add();
    if (!why.empty()) of_.host_.log_debug("access of ", subject_.client_id, " can't be decided: ", why);
    static_cast<void>(of_.host_.complete(token_, of_.no_answer_.for_access().raw()));
    of_.no_answer_.forget(subject_.client_id);
  }
  [[nodiscard]] bool expired() const override { return of_.now_ms() > deadline_ms_; }

 private:
  void keep(RuleSet rules) {
    if (!cell_) return;
    auto kept =
        std::make_unique<const KeptRules>(KeptRules{std::move(rules), of_.now_ms() + of_.ttl_ms_, watch_, epoch_});
    cell_->put(std::move(kept));
  }
  Authorizer& of_;
  Subject subject_;
  std::string topic_;
  Question question_;
  patchbay_token token_;
  std::shared_ptr<RuleCell> cell_;
  CacheEpochs::Watch watch_;
  std::uint64_t epoch_;
  std::uint64_t deadline_ms_;
};

Authorizer::Authorizer(host of, const AuthorizationSettings& settings, std::chrono::milliseconds query_timeout,
                       std::uint32_t& numbers, ConnectionPool& pool, QueryRunner& runner, const PoolMetrics& metrics,
                       const NoAnswer& no_answer)
    : host_(of),
      template_(parsed(settings.query, QueryTemplate::Use::authorization)),
      query_{numbers++, template_.sql(), settings.max_rules},
      ttl_ms_(template_.about_one_question() ? 0 : static_cast<std::uint64_t>(settings.ttl.count())),
      query_timeout_ms_(static_cast<std::uint64_t>(query_timeout.count())),
      deny_without_match_(settings.no_match == "deny"),
      pool_(pool),
      runner_(runner),
      metrics_(metrics),
      no_answer_(no_answer) {
  if (settings.superuser_query.empty()) return;
  superuser_template_ = parsed(settings.superuser_query, QueryTemplate::Use::superuser);
  superuser_query_ = {numbers++, superuser_template_->sql(), 1};
}

verdict Authorizer::decide(const event<patchbay_authorize_event>& asked) {
  const Question question = question_of(asked.raw());
  // A host that keeps no more slots leaves the client without a cache, not without an answer.
  const Slot* slot = ttl_ms_ == 0 ? nullptr : slots_.get(asked.client());
  if (slot != nullptr) {
    if (const auto known = from_cache(*slot->cell, asked->client, question)) {
      metrics_.cache_hits.add();
      return answer(*known);
    }
  }
  metrics_.cache_misses.add();
  if (asked.token().id == 0) return verdict::failed();
  pool_.offer(std::make_unique<Lookup>(*this, Subject::of(*host_.raw(), asked->client), question, asked.token(),
                                       slot == nullptr ? nullptr : slot->cell));
  return verdict::defer();
}

std::optional<Decision> Authorizer::from_cache(RuleCell& cell, const patchbay_client* client,
                                               const Question& question) const {
  const KeptRules* kept = cell.current();
  if (kept == nullptr || now_ms() >= kept->expires_at_ms) return std::nullopt;
  if (kept->epoch != kept->watch.now()) return std::nullopt;
  // A session outlives its connection: the next one may come from elsewhere, or in another name.
  if (!kept->rules.subject().is(*host_.raw(), client)) return std::nullopt;
  return kept->rules.decide(question);
}

verdict Authorizer::answer(Decision decision) const {
  switch (decision) {
    case Decision::allow:
      metrics_.authorized_allow.add();
      return verdict::allow();
    case Decision::deny:
      metrics_.authorized_deny.add();
      return verdict::deny();
    case Decision::no_match:
      metrics_.authorized_no_match.add();
      return deny_without_match_ ? verdict::deny() : verdict::cont();
  }
  return verdict::failed();
}

Fault Authorizer::fetch(Connection& connection, RuleSet& rules, const Question& question) const {
  if (superuser_template_) {
    const Outcome found =
        runner_.run(connection, superuser_query_, parameter_values(*superuser_template_, rules.subject(), question));
    if (found.fault != Fault::none) return found.fault;
    if (is_true(found.rows, "is_superuser")) {
      rules.make_superuser();
      return Fault::none;
    }
  }
  const Outcome found = runner_.run(connection, query_, parameter_values(template_, rules.subject(), question));
  if (found.fault != Fault::none) return found.fault;
  std::string error;
  if (rules.take(found.rows, error)) return Fault::none;
  runner_.report(error);
  return Fault::refused;
}

void Authorizer::clean(std::string_view client_id, std::string_view username) {
  if (client_id.empty() && username.empty()) epochs_.clean_all();
  if (!client_id.empty()) epochs_.clean_client(client_id);
  if (!username.empty()) epochs_.clean_user(username);
  metrics_.cache_cleanings.add();
}

}  // namespace patchbay::acl_mysql
