#include "authenticator.h"

#include <string.h>

#include <utility>

#include "settings.h"
#include "truth.h"

namespace patchbay::acl_mysql {

namespace {

constexpr std::uint8_t kBadUserNameOrPassword = 0x86;  // MQTT 5.0, 3.2.2.2
/// Two rows would leave it to chance whose password counts.
constexpr std::uint32_t kMaximumUsers = 1;

/// A password that is overwritten before its memory goes.
class Secret {
 public:
  explicit Secret(bytes value) : text_(as_text(value)) {}
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { ::explicit_bzero(text_.data(), text_.size()); }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string text_;
};

QueryTemplate parsed(const std::string& text) {
  std::string reason;
  auto made = QueryTemplate::parse(text, QueryTemplate::Use::authentication, reason);
  if (!made) throw error(PATCHBAY_INVALID, "query: " + reason);
  return std::move(*made);
}

}  // namespace

/// One log-in that the database is asked about.
class Authenticator::Login final : public Job {
 public:
  Login(Authenticator& of, const event<patchbay_authenticate_event>& asked)
      : of_(of),
        subject_(Subject::of(*of.host_.raw(), asked->client)),
        password_(std::make_shared<const Secret>(asked.password())),
        token_(asked.token()),
        deadline_ms_(of.now_ms() + of.query_timeout_ms_) {
    subject_.client_id = asked.client_id();
    subject_.username = asked.username();
  }
  Fault run(Connection& connection) override {
    const Outcome found =
        of_.runner_.run(connection, of_.query_, parameter_values(of_.template_, subject_, Question{}));
    if (found.fault == Fault::lost) return found.fault;
    if (found.fault == Fault::refused) {
      give_up({});
      return found.fault;
    }
    if (found.rows.rows.empty()) {
      of_.metrics_.authenticated_unknown.add();
      complete(verdict::cont());
      return Fault::none;
    }
    Stored stored;
    if (std::string error; !read(found.rows, stored, error)) {
      of_.runner_.report(error);
      give_up({});
      return Fault::refused;
    }
    compare(std::move(stored));
    return Fault::none;
  }
  void give_up(std::string_view why) override {
    of_.metrics_.authenticated_failed.add();
    if (!why.empty()) of_.host_.log_debug("the log-in of ", subject_.client_id, " can't be decided: ", why);
    complete(of_.no_answer_.for_login());
  }
  [[nodiscard]] bool expired() const override { return of_.now_ms() > deadline_ms_; }

 private:
  void complete(const verdict& given) const { static_cast<void>(of_.host_.complete(token_, given.raw())); }

  void compare(Stored stored) {
    const std::string& identity = subject_.username.empty() ? subject_.client_id : subject_.username;
    if (!of_.slow()) return complete(of_.check(stored, password_->text(), identity));
    const patchbay_token token = token_;
    const std::uint64_t deadline_ms = deadline_ms_;
    const auto work = [&of = of_, stored = std::move(stored), identity, password = password_, token, deadline_ms] {
      // Nobody waits for a log-in that came too late: its hash would only delay those of others.
      const bool late = of.now_ms() > deadline_ms;
      if (late) of.metrics_.authenticated_failed.add();
      const verdict given = late ? of.no_answer_.for_login() : of.check(stored, password->text(), identity);
      static_cast<void>(of.host_.complete(token, given.raw()));
    };
    if (of_.workers_.run(work) != PATCHBAY_OK) give_up("no worker for its hash");
  }

  Authenticator& of_;
  Subject subject_;
  std::shared_ptr<const Secret> password_;
  patchbay_token token_;
  std::uint64_t deadline_ms_;
};

Authenticator::Authenticator(host of, answers made, const AuthenticationSettings& settings,
                             std::chrono::milliseconds query_timeout, std::uint32_t& numbers, ConnectionPool& pool,
                             QueryRunner& runner, const PoolMetrics& metrics, const NoAnswer& no_answer)
    : host_(of),
      answers_(made),
      workers_(of),
      template_(parsed(settings.query)),
      query_{numbers++, template_.sql(), kMaximumUsers},
      hash_(read_hash(settings.password_hash_algorithm).value_or(support::PasswordHash{})),
      query_timeout_ms_(static_cast<std::uint64_t>(query_timeout.count())),
      pool_(pool),
      runner_(runner),
      metrics_(metrics),
      no_answer_(no_answer) {}

verdict Authenticator::decide(const event<patchbay_authenticate_event>& asked) {
  if (asked->has_password == 0) return verdict::cont();
  if (asked.token().id == 0) return verdict::failed();
  pool_.offer(std::make_unique<Login>(*this, asked));
  return verdict::defer();
}

bool Authenticator::read(const Rows& rows, Stored& stored, std::string& error) {
  const auto hash = rows.column("password_hash");
  if (!hash) {
    error = "the query gives no column password_hash";
    return false;
  }
  const auto& row = rows.rows.front();
  stored.password_hash = row[*hash].value_or("");
  if (const auto salt = rows.column("salt")) stored.salt = row[*salt].value_or("");
  stored.superuser = is_true(rows, "is_superuser");
  return true;
}

verdict Authenticator::check(const Stored& stored, std::string_view password, const std::string& identity) const {
  // An empty hash is a user without password, who must not get in with an empty one.
  const bool same =
      !stored.password_hash.empty() && support::verify_password(hash_, password, stored.password_hash, stored.salt);
  if (!same) {
    metrics_.authenticated_deny.add();
    return verdict::deny(kBadUserNameOrPassword);
  }
  metrics_.authenticated_allow.add();
  return answers_.allow(grant().identity(identity).superuser(stored.superuser));
}

bool Authenticator::slow() const {
  return hash_.algorithm == support::HashAlgorithm::bcrypt || hash_.algorithm == support::HashAlgorithm::pbkdf2 ||
         hash_.algorithm == support::HashAlgorithm::argon2id;
}

}  // namespace patchbay::acl_mysql
