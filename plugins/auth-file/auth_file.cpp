#include "auth_file.h"

#include <algorithm>
#include <utility>

#include "support/password_hash.h"
#include "user_file.h"

namespace patchbay::auth_file {

namespace {

constexpr std::string_view kAlarm = "users";
// Reason codes of CONNACK. (MQTT 5.0, section 3.2.2.2)
constexpr uint8_t kBadUserNameOrPassword = 0x86;
constexpr uint8_t kServerBusy = 0x89;

/// One place among those who wait for a slow hash; given back also when the client leaves in the middle.
class PendingPlace {
 public:
  PendingPlace(std::atomic<uint32_t>& count, uint32_t maximum) : count_(count) {
    taken_ = count_.fetch_add(1, std::memory_order_relaxed) < maximum;
  }
  ~PendingPlace() { count_.fetch_sub(1, std::memory_order_relaxed); }
  PendingPlace(const PendingPlace&) = delete;
  PendingPlace& operator=(const PendingPlace&) = delete;
  [[nodiscard]] bool taken() const { return taken_; }

 private:
  std::atomic<uint32_t>& count_;
  bool taken_;
};

}  // namespace

AuthFile::AuthFile(patchbay::host of) : plugin(of), secret_(make_scram_nonce()), shards_(of.shard_count()) {}

void AuthFile::check(const Settings& wanted, error_list& errors) const {
  const HashSettings& hash = wanted.password_hash;
  // RFC 9106, section 3.1: 8 blocks for each lane.
  if (hash.argon2_memory_kib < 8 * hash.argon2_lanes) {
    errors.add("/password_hash/argon2_memory_kib", "at least 8 for each lane");
  }
  for (size_t index = 0; index < wanted.scram_mechanisms.size(); ++index) {
    if (!scram_hash_from(wanted.scram_mechanisms[index])) {
      errors.add("/scram_mechanisms/" + std::to_string(index), "SCRAM-SHA-256 or SCRAM-SHA-512");
    }
  }
  if (!started_) return;  // see configure()
  std::string problem;
  const auto text = support::read_whole_file(wanted.path, kMaximumFileBytes, problem);
  if (text && !parse_user_file(*text, problem)) problem = wanted.path + ", " + problem;
  const bool missing = !support::file_stamp(wanted.path);
  if (!problem.empty() && !missing) errors.add("/path", problem);
}

status AuthFile::configure(const Settings& wanted) {
  const std::string problem = store_.load(wanted.path, true);
  if (started_ && !problem.empty()) throw error(PATCHBAY_INVALID, problem);
  note(problem);
  if (started_) set_recheck(wanted.check_interval);
  return PATCHBAY_OK;
}

void AuthFile::start() {
  user_routes_.add_to(routes_);
  routes_.add("POST", "/reload", [this](const request&) { return reload_now(); });
  started_ = true;
  set_recheck(settings().check_interval);
}

health_report AuthFile::health() const {
  const std::lock_guard lock(problem_mutex_);
  const auto table = store_.held();
  if (table == nullptr) return health_report::down("nobody is let in: " + problem_);
  const std::string count = std::to_string(table->users().size()) + " users";
  if (problem_.empty()) return health_report::healthy(count);
  return health_report::connecting(count + ", as they were before: " + problem_);
}

verdict AuthFile::let_in(std::string_view user_id, bool superuser) const {
  allowed_.add();
  grant granted;
  granted.identity(user_id);
  if (superuser) granted.superuser();
  return answer().allow(granted);
}

verdict AuthFile::refuse() const {
  denied_.add();
  return verdict::deny(kBadUserNameOrPassword);
}

task<verdict> AuthFile::on_authenticate(auth_request asked) {
  const Settings& by = settings();
  const std::string_view user_id = by.by_client_id() ? asked.client_id() : asked.username();
  if (user_id.empty()) co_return verdict::cont();
  const UserTable* table = store_.current();
  if (table == nullptr) co_return verdict::failed();
  const User* user = table->find(user_id);
  if (user == nullptr && by.unknown_user == "next") co_return verdict::cont();
  // Where there are no users at all, there is nobody whom time could give away.
  if (asked->has_password == 0 || table->users().empty()) co_return refuse();
  const std::string& hash = user != nullptr ? user->password_hash : table->decoy(user_id);
  const std::string_view password = as_text(asked.password());
  const auto key = credential_key(secret_, user_id, password, hash);
  if (user != nullptr && shard_state().credentials.holds(key, static_cast<uint64_t>(host().now().count()))) {
    cache_hits_.add();
    co_return let_in(user_id, user->is_superuser);
  }
  co_return co_await verify_slowly(std::string(user_id), Secret(password), hash, user != nullptr,
                                   user != nullptr && user->is_superuser, key);
}

task<verdict> AuthFile::verify_slowly(std::string user_id, Secret password, std::string hash, bool known,
                                      bool superuser, CredentialCache::Key key) {
  const Settings& by = settings();
  const PendingPlace place(pending_verifications_, by.max_pending_verifications);
  if (!place.taken()) {
    busy_.add();
    co_return verdict::deny(kServerBusy);
  }
  co_await on_worker();
  const bool equal = support::verify_encoded_password(password.text(), hash);
  co_await back_to_shard();
  if (!equal || !known) co_return refuse();
  shard_state().credentials.keep(key, static_cast<uint64_t>(host().now().count()),
                                 static_cast<uint64_t>(by.cache_ttl.count()), by.cache_entries);
  co_return let_in(user_id, superuser);
}

verdict AuthFile::on_auth_enhanced(enhanced_request asked) {
  const auto hash = scram_hash_from(asked.method());
  if (!hash) return verdict::cont();
  const auto& enabled = settings().scram_mechanisms;
  if (std::find(enabled.begin(), enabled.end(), asked.method()) == enabled.end()) return verdict::cont();
  return asked->step == 0 ? begin_exchange(*hash, asked) : end_exchange(asked);
}

verdict AuthFile::begin_exchange(ScramHash hash, const enhanced_request& asked) {
  const Settings& by = settings();
  auto first = parse_client_first(as_text(asked.data()));
  if (!first) return refuse();
  const patchbay_client_view view = asked.client().view();
  // Rules are about the user name and the client id: neither may be another's than the one that is proven.
  const std::string_view claimed = by.by_client_id() ? text(view.client_id) : text(view.username);
  if ((by.by_client_id() || !claimed.empty()) && claimed != first->user) return refuse();
  const UserTable* table = store_.current();
  if (table == nullptr) return verdict::failed();
  const User* user = table->find(first->user);
  if (user == nullptr && by.unknown_user == "next") return verdict::cont();
  const bool known = user != nullptr && user->scram(hash).has_value();
  ScramCredential credential =
      known ? *user->scram(hash) : make_unknown_credential(hash, table->secret, first->user, by.scram_iterations);
  const std::string nonce = make_scram_nonce();
  if (nonce.empty()) return verdict::failed();
  ScramExchange exchange(hash, std::move(*first), std::move(credential), known, nonce);
  const std::string server_first = exchange.server_first();
  shard_state().exchanges.put(asked->exchange_id, std::move(exchange), static_cast<uint64_t>(host().now().count()));
  return answer().proceed(as_bytes(server_first));
}

verdict AuthFile::end_exchange(const enhanced_request& asked) {
  auto exchange = shard_state().exchanges.take(asked->exchange_id);
  // One that began with "not mine" is somebody else's.
  if (!exchange && settings().unknown_user == "next") return verdict::cont();
  if (!exchange || exchange->judge(as_text(asked.data())) != ScramExchange::Outcome::proven) return refuse();
  // The user may have been removed since the first step.
  const UserTable* table = store_.current();
  const User* user = table == nullptr ? nullptr : table->find(exchange->user());
  if (user == nullptr) return refuse();
  allowed_.add();
  grant granted;
  granted.identity(user->user_id);
  if (user->is_superuser) granted.superuser();
  return answer().allow(granted, as_bytes(exchange->server_final()));
}

void AuthFile::note(const std::string& problem) {
  {
    const std::lock_guard lock(problem_mutex_);
    problem_ = problem;
  }
  if (problem.empty()) {
    const size_t count = store_.held()->users().size();
    user_count_.set(static_cast<int64_t>(count));
    alarms_.clear(kAlarm);
    host().log_info(count, " users are in force");
  } else {
    reload_failures_.add();
    alarms_.raise(kAlarm, problem);
    host().log_error("users are not taken: ", problem);
  }
}

void AuthFile::reload_changed() {
  std::string problem;
  if (store_.load_changed(problem)) note(problem);
}

reply AuthFile::reload_now() {
  const Settings& by = settings();
  const std::string problem = store_.load(by.path, false);
  note(problem);
  if (!problem.empty()) {
    return reply::json("{\"code\": \"BAD_REQUEST\", \"message\": " + json::quoted(problem) + "}", 400);
  }
  return reply::json("{\"users\": " + std::to_string(store_.held()->users().size()) + "}");
}

void AuthFile::set_recheck(std::chrono::milliseconds interval) {
  recheck_.cancel();
  if (interval.count() == 0) return;
  recheck_ = timer(*this, interval, interval, [this] { reload_changed(); });
}

}  // namespace patchbay::auth_file
