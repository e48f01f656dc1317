#include "access/authenticate.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "access_fixture.h"

using namespace patchbay;
using access::AnonymousPolicy;
using access::AuthenticateResult;
using access::AuthenticationGrant;
using access::ClientInfo;
using base::Counter;
using base::Verdict;
using mqtt::ReasonCode;
using test::AccessFixture;
using test::ScriptedAuthenticator;

namespace {

access::AuthenticateRequest request(bool listener_loopback = false) {
  access::ClientInfoFields fields = test::client_fields();
  fields.listener_loopback = listener_loopback;
  auto credentials = std::make_shared<access::Credentials>();
  credentials->username = "alice";
  const std::string password = "pw";
  credentials->password.emplace(
      std::span<const uint8_t>(reinterpret_cast<const uint8_t*>(password.data()), password.size()));
  return {ClientInfo::create(fields), credentials};
}

}  // namespace

TEST_CASE("access.allow_anonymous decides where no authenticator exists") {
  struct Row {
    AnonymousPolicy policy;
    bool listener_loopback;
    bool allowed;
  };
  for (const Row& row : {Row{AnonymousPolicy::automatic, true, true}, Row{AnonymousPolicy::automatic, false, false},
                         Row{AnonymousPolicy::always, true, true}, Row{AnonymousPolicy::always, false, true},
                         Row{AnonymousPolicy::never, true, false}, Row{AnonymousPolicy::never, false, false}}) {
    AccessFixture access({.allow_anonymous = row.policy});
    const auto result = access.control.authenticate(request(row.listener_loopback), access.authentication);
    REQUIRE(result.has_value());
    CHECK(result->allowed == row.allowed);
    CHECK(result->anonymous == row.allowed);
    CHECK(result->reason == (row.allowed ? ReasonCode::success : ReasonCode::not_authorized));
    CHECK(result->identity.empty());  // a name that nobody verified is no identity
    CHECK(access.shard.counted(Counter::client_authenticate) == 1);
    CHECK(access.shard.counted(Counter::client_auth_anonymous) == (row.allowed ? 1 : 0));
    CHECK(access.shard.counted(Counter::client_auth_failure) == (row.allowed ? 0 : 1));
  }
}

TEST_CASE("where an authenticator is missing that should be there, nobody gets in in its place") {
  for (const AnonymousPolicy policy : {AnonymousPolicy::automatic, AnonymousPolicy::always}) {
    AccessFixture access({.allow_anonymous = policy});
    for (const bool absent : {true, false}) {
      access.points.authenticator_absent = absent;
      const auto result = access.control.authenticate(request(true), access.authentication);
      REQUIRE(result.has_value());
      CHECK(result->allowed != absent);
      CHECK(result->anonymous != absent);
    }
  }
}

TEST_CASE("access.allow_anonymous is auto, true or false") {
  CHECK(access::anonymous_policy_from("auto") == AnonymousPolicy::automatic);
  CHECK(access::anonymous_policy_from("true") == AnonymousPolicy::always);
  CHECK(access::anonymous_policy_from("false") == AnonymousPolicy::never);
  CHECK(access::anonymous_policy_from("yes") == std::nullopt);
}

TEST_CASE("with authenticators and no opinion the client is denied, whatever allow_anonymous says") {
  AccessFixture access({.allow_anonymous = AnonymousPolicy::always});
  ScriptedAuthenticator silent;
  access.use({access::authenticator_entry(silent, "silent")});
  const auto result = access.control.authenticate(request(true), access.authentication);
  REQUIRE(result.has_value());
  CHECK_FALSE(result->allowed);
  CHECK(result->reason == ReasonCode::not_authorized);
  CHECK(silent.calls == 1);
  CHECK(silent.password == "pw");
  CHECK(access.shard.counted(Counter::client_auth_failure) == 1);
}

TEST_CASE("the first decisive answer wins, in the order of the chain") {
  AccessFixture access;
  ScriptedAuthenticator silent;
  ScriptedAuthenticator allows;
  ScriptedAuthenticator denies;
  allows.answer = Verdict::allows();
  denies.answer = Verdict::denies(static_cast<uint8_t>(ReasonCode::banned));
  access.use({access::authenticator_entry(allows, "b", 5), access::authenticator_entry(denies, "c", 9),
              access::authenticator_entry(silent, "a", 1)});
  auto result = access.control.authenticate(request(), access.authentication);
  CHECK(result->allowed);
  CHECK_FALSE(result->anonymous);
  CHECK(result->identity == "alice");
  CHECK(silent.calls == 1);
  CHECK(denies.calls == 0);
  allows.answer = Verdict::proceeds();
  result = access.control.authenticate(request(), access.authentication);
  CHECK_FALSE(result->allowed);
  CHECK(result->reason == ReasonCode::banned);
}

TEST_CASE("a grant brings identity, superuser, attributes, end and compiled permissions") {
  AccessFixture access;
  ScriptedAuthenticator authenticator;
  auto grant = std::make_unique<AuthenticationGrant>();
  grant->identity = "tenant/alice";
  grant->is_superuser = true;
  grant->has_permissions = true;
  access::PermissionRule rule;
  rule.topic_filter = "${attr.tenant}/${clientid}/#";
  grant->rules = {rule};
  grant->attributes = {{"tenant", "t7"}};
  grant->expires_at_unix_ms = 99;
  authenticator.answer = Verdict::allows_with(std::move(grant));
  access.use({access::authenticator_entry(authenticator, "a")});
  const auto result = access.control.authenticate(request(), access.authentication);
  REQUIRE(result.has_value());
  CHECK(result->allowed);
  CHECK(result->identity == "tenant/alice");
  CHECK(result->is_superuser);
  CHECK(result->expires_at_unix_ms == 99);
  REQUIRE(result->permissions != nullptr);
  CHECK(result->permissions->may_publish("t7/c1/x", mqtt::Qos::at_most_once, false) == true);
  CHECK(result->attributes.size() == 1);
}

TEST_CASE("a grant with too many rules denies: half a rule set is none") {
  AccessFixture access;
  ScriptedAuthenticator authenticator;
  auto grant = std::make_unique<AuthenticationGrant>();
  grant->has_permissions = true;
  grant->rules.resize(access::PermissionSet::kMaximumRules + 1);
  authenticator.answer = Verdict::allows_with(std::move(grant));
  access.use({access::authenticator_entry(authenticator, "a")});
  const auto result = access.control.authenticate(request(), access.authentication);
  CHECK_FALSE(result->allowed);
  CHECK(result->reason == ReasonCode::implementation_specific_error);
}

TEST_CASE("an authenticator that fails or answers nonsense denies, and nobody else is asked") {
  for (const Verdict answer : {Verdict::fails(), Verdict::drops(), Verdict{base::VerdictKind::replace},
                               Verdict{base::VerdictKind::allow, 0, Verdict::failed}}) {
    AccessFixture access;
    ScriptedAuthenticator broken;
    ScriptedAuthenticator allows;
    broken.answer = answer;
    allows.answer = Verdict::allows();
    access.use({access::authenticator_entry(broken, "a"), access::authenticator_entry(allows, "b")});
    const auto result = access.control.authenticate(request(), access.authentication);
    REQUIRE(result.has_value());
    CHECK_FALSE(result->allowed);
    CHECK(result->reason == ReasonCode::not_authorized);
    CHECK(allows.calls == 0);
  }
}

TEST_CASE("a denial never carries a code that means success") {
  AccessFixture access;
  ScriptedAuthenticator authenticator;
  authenticator.answer = Verdict::denies(0x10);
  access.use({access::authenticator_entry(authenticator, "a")});
  CHECK(access.control.authenticate(request(), access.authentication)->reason == ReasonCode::not_authorized);
  authenticator.answer = Verdict::denies(static_cast<uint8_t>(ReasonCode::bad_user_name_or_password));
  CHECK(access.control.authenticate(request(), access.authentication)->reason == ReasonCode::bad_user_name_or_password);
}

TEST_CASE("an answer that comes later goes on with the next authenticator") {
  AccessFixture access;
  ScriptedAuthenticator slow;
  ScriptedAuthenticator second;
  slow.answer = Verdict::defers();
  second.answer = Verdict::allows();
  access.use({access::authenticator_entry(slow, "a"), access::authenticator_entry(second, "b")});
  CHECK_FALSE(access.control.authenticate(request(), access.authentication).has_value());
  CHECK(access.authentication.waiting());
  CHECK(access.log_ins.empty());
  access.complete(slow.token, Verdict::proceeds());
  REQUIRE(access.log_ins.size() == 1);
  CHECK(access.log_ins[0].allowed);
  CHECK(second.password == "pw");  // the credentials waited as well
  CHECK(access.shard.counted(Counter::client_auth_success) == 1);
}

TEST_CASE("a late grant is taken in like one given at once") {
  AccessFixture access;
  ScriptedAuthenticator slow;
  slow.answer = Verdict::defers();
  access.use({access::authenticator_entry(slow, "a")});
  CHECK_FALSE(access.control.authenticate(request(), access.authentication).has_value());
  auto grant = std::make_unique<AuthenticationGrant>();
  grant->identity = "from far away";
  access.complete(slow.token, Verdict::allows_with(std::move(grant)));
  REQUIRE(access.log_ins.size() == 1);
  CHECK(access.log_ins[0].identity == "from far away");
}

TEST_CASE("no answer within the deadline denies, even with a fallback that would allow") {
  AccessFixture access;
  ScriptedAuthenticator slow;
  slow.answer = Verdict::defers();
  auto entry = access::authenticator_entry(slow, "a");
  entry.fallback = base::Fallback::allow;
  access.use({entry});
  CHECK_FALSE(access.control.authenticate(request(), access.authentication).has_value());
  access.shard.after_ms(4'900);
  CHECK(access.log_ins.empty());
  access.shard.after_ms(200);
  REQUIRE(access.log_ins.size() == 1);
  CHECK_FALSE(access.log_ins[0].allowed);
  CHECK(access.shard.counted(Counter::deferral_timeout) == 1);
  CHECK(access.shard.counted(Counter::client_auth_failure) == 1);
  CHECK(access.deferrals.complete(slow.token, Verdict::allows()) == base::CompletionStatus::stale);
}

TEST_CASE("a client that goes away during its log-in is forgotten") {
  AccessFixture access;
  ScriptedAuthenticator slow;
  slow.answer = Verdict::defers();
  access.use({access::authenticator_entry(slow, "a")});
  CHECK_FALSE(access.control.authenticate(request(), access.authentication).has_value());
  access.authentication.cancel();
  access.complete(slow.token, Verdict::allows());
  CHECK(access.log_ins.empty());
  CHECK(access.deferrals.open_count() == 0);
}
