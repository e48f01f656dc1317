#include "acl_file.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>
#include <utility>

namespace patchbay::acl_file {

namespace {

constexpr std::string_view kAlarm = "rules";
constexpr size_t kMaximumPage = 1000;

std::string_view attribute_of_client(const void* context, std::string_view name) {
  return static_cast<const client*>(context)->attribute(name);
}

/// An address as text, in memory of the caller.
std::string_view address_text(const support::Address& address, std::span<char> room) {
  const bool mapped = support::is_mapped_ipv4(address);
  const void* bytes = mapped ? address.data() + 12 : address.data();
  const char* text = ::inet_ntop(mapped ? AF_INET : AF_INET6, bytes, room.data(), static_cast<socklen_t>(room.size()));
  return text == nullptr ? std::string_view() : std::string_view(text);
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

size_t number_or(std::string_view text, size_t otherwise) {
  size_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() ? otherwise : value;
}

}  // namespace

void AclFile::check(const Settings& wanted, error_list& errors) const {
  if (!started_) return;  // see configure()
  if (const LoadedRules loaded = load_rules(wanted); loaded.rules == nullptr) {
    errors.add(wanted.from_file() ? "/path" : "/rules", loaded.problem);
  }
}

status AclFile::configure(const Settings& wanted) {
  LoadedRules loaded = load_rules(wanted);
  if (started_ && loaded.rules == nullptr) throw error(PATCHBAY_INVALID, loaded.problem);
  take(std::move(loaded), wanted);
  if (started_) set_recheck(wanted.check_interval);
  return PATCHBAY_OK;
}

void AclFile::start() {
  routes_.add("GET", "/explain", [this](const request& asked) { return explain(asked); });
  routes_.add("GET", "/rules", [this](const request& asked) { return list(asked); });
  routes_.add("POST", "/reload", [this](const request&) { return reload_now(); });
  if (!clients_) {
    host().log_info("without the permission clients, changed rules count when what the broker remembers is too old");
  }
  started_ = true;
  set_recheck(settings().check_interval);
}

health_report AclFile::health() const {
  const std::lock_guard lock(mutex_);
  const auto rules = rules_.held();
  if (rules == nullptr) return health_report::down("everything is denied: " + first_line(problem_));
  const std::string count = std::to_string(rules->rules().size()) + " rules of " + rules->source();
  if (problem_.empty()) return health_report::healthy(count);
  return health_report::connecting(count + ", as they were before: " + first_line(problem_));
}

verdict AclFile::on_acl_publish(acl_request asked) {
  return judge(asked, Action::publish);
}

verdict AclFile::on_acl_subscribe(acl_request asked) {
  return judge(asked, Action::subscribe);
}

verdict AclFile::judge(const acl_request& asked, Action action) {
  const RuleSet* rules = rules_.current();
  if (rules == nullptr) return verdict::deny();
  const Settings& by = settings();
  const client of = asked.client();
  const patchbay_client_view view = of.view();
  Question question;
  question.action = action;
  question.qos = asked->qos <= 2 ? asked->qos : 2;
  question.retain = asked->retain != 0;
  question.topic = asked.topic();
  question.claimed_user = text(view.username);
  question.user = view.identity.len == 0 && by.trust_claimed_usernames ? question.claimed_user : text(view.identity);
  question.client_id = text(view.client_id);
  question.listener = text(view.listener_id);
  question.common_name = text(view.certificate_common_name);
  question.attribute = &attribute_of_client;
  question.attribute_context = &of;
  std::memcpy(question.address.data(), view.peer_address, question.address.size());
  char room[INET6_ADDRSTRLEN];
  if (rules->needs_peerhost()) question.peerhost = address_text(question.address, room);
  const Rule* rule = rules->first_match(question);
  (rule == nullptr ? unmatched_ : rule->allow ? allowed_ : denied_).add();
  const std::string_view result = result_of(by, rule);
  return result == "allow" ? verdict::allow() : result == "deny" ? verdict::deny() : verdict::cont();
}

std::string_view AclFile::result_of(const Settings& by, const Rule* rule) {
  if (rule != nullptr) return rule->allow ? "allow" : "deny";
  return by.no_match;
}

void AclFile::take(LoadedRules loaded, const Settings& from) {
  std::unique_lock lock(mutex_);
  stamp_ = loaded.stamp;
  problem_ = std::move(loaded.problem);
  if (loaded.rules == nullptr) {
    reload_failures_.add();
    host().log_error("rules are not taken: ", problem_);
    alarms_.raise(kAlarm, first_line(problem_));
    return;
  }
  const size_t count = loaded.rules->rules().size();
  rules_.replace(std::move(loaded.rules), workers_, host().shard_count());
  reloads_.add();
  rule_count_.set(static_cast<int64_t>(count));
  alarms_.clear(kAlarm);
  lock.unlock();
  if (clients_) clients_.invalidate_acl();  // what was decided by the old ones
  host().log_info(count, " rules of ", from.source(), " are in force");
}

std::string AclFile::reload() {
  const Settings& by = settings();
  take(load_rules(by), by);
  const std::lock_guard lock(mutex_);
  return problem_;
}

void AclFile::reload_changed() {
  const Settings& by = settings();
  if (!by.from_file()) return;
  const auto now = support::file_stamp(by.path);
  {
    const std::lock_guard lock(mutex_);
    if (now == stamp_) return;
  }
  reload();
}

void AclFile::set_recheck(std::chrono::milliseconds interval) {
  recheck_.cancel();
  if (interval.count() == 0) return;
  recheck_ = timer(*this, interval, interval, [this] { reload_changed(); });
}

reply AclFile::explain(const request& asked) const {
  const auto rules = rules_.held();
  const Settings& by = settings();
  std::string problem;
  const auto question = question_of(asked, by.trust_claimed_usernames, problem);
  if (!question) {
    return reply::json("{\"code\": \"BAD_REQUEST\", \"message\": " + json::quoted(problem) + "}", 400);
  }
  if (rules == nullptr) return reply::json("{\"result\": \"deny\", \"by\": \"no rules\"}");
  const Rule* rule = rules->first_match(*question);
  return reply::json(explanation_json(*rules, {rule, result_of(by, rule)}));
}

reply AclFile::list(const request& asked) const {
  const auto rules = rules_.held();
  const size_t limit = std::min(number_or(asked.parameter("limit"), 100), kMaximumPage);
  const size_t page = std::max<size_t>(number_or(asked.parameter("page"), 1), 1);
  const size_t count = rules == nullptr ? 0 : rules->rules().size();
  const size_t first = limit == 0 || page - 1 > count / limit ? count : (page - 1) * limit;
  std::string text = "{\"data\": " + (rules == nullptr ? std::string("[]") : rules_json(*rules, first, limit));
  text += ", \"meta\": {\"page\": " + std::to_string(page) + ", \"limit\": " + std::to_string(limit);
  text += ", \"count\": " + std::to_string(count);
  return reply::json(text + ", \"hasnext\": " + (first + limit < count ? "true" : "false") + "}}");
}

reply AclFile::reload_now() {
  const std::string problem = reload();
  const auto rules = rules_.held();
  const std::string count = std::to_string(rules == nullptr ? 0 : rules->rules().size());
  if (problem.empty()) return reply::json("{\"rules\": " + count + "}");
  return reply::json("{\"code\": \"BAD_REQUEST\", \"message\": " + json::quoted(problem) + "}", 400);
}

}  // namespace patchbay::acl_file
