#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/access_control.h"
#include "base/deferral.h"
#include "support/shard_fixture.h"

namespace patchbay::test {

/// A client to ask about.
inline access::ClientInfoFields client_fields(std::string_view client_id = "c1") {
  access::ClientInfoFields fields;
  fields.client_id = client_id;
  fields.username = "alice";
  fields.listener_id = "tcp:default";
  fields.protocol_version = 5;
  return fields;
}

/// Answers what it is told to, and remembers what it was asked.
struct ScriptedAuthenticator final : access::Authenticator {
  base::Verdict authenticate(const access::AuthenticateEvent& event, base::Token given) noexcept override {
    ++calls;
    token = given;
    client_id = event.client->client_id();
    if (event.credentials != nullptr && event.credentials->password.has_value()) {
      password = event.credentials->password->text();
    }
    return answer;
  }
  base::Verdict answer;
  base::Token token;
  int calls = 0;
  std::string client_id;
  std::string password;
};

struct ScriptedAuthorizer final : access::Authorizer {
  base::Verdict authorize(const access::AuthorizeEvent& event, base::Token given) noexcept override {
    ++calls;
    token = given;
    topic = event.topic;
    share_name = event.share_name;
    action = event.action;
    return answer;
  }
  base::Verdict answer;
  base::Token token;
  int calls = 0;
  std::string topic;
  std::string share_name;
  access::Action action = access::Action::publish;
};

/// Access control on one shard, and a session that asks it.
struct AccessFixture {
  ShardFixture shard;
  access::AccessPoints points;
  base::Deferrals deferrals;
  access::AccessControl control;
  std::vector<access::AuthenticateResult> log_ins;
  std::vector<access::AuthorizeResult> answers;
  access::AuthenticationPending authentication{
      [](void* self, access::AuthenticateEvent& event) {
        static_cast<AccessFixture*>(self)->log_ins.push_back(std::move(event.result));
      },
      this};
  access::AuthorizationPending authorization{
      [](void* self, access::AuthorizeResult result) { static_cast<AccessFixture*>(self)->answers.push_back(result); },
      this};

  explicit AccessFixture(access::AccessSettings settings = {})
      : deferrals(shard.services), control(points, deferrals, settings) {}

  void use(std::vector<base::ChainEntry<access::AuthenticateEvent>> entries) {
    points.authenticate.swap(std::move(entries), shard.epoch);
  }
  void use(ScriptedAuthorizer& authorizer) {
    points.authorize_publish.swap({access::authorizer_entry(authorizer, "authorizer")}, shard.epoch);
    points.authorize_subscribe.swap({access::authorizer_entry(authorizer, "authorizer")}, shard.epoch);
  }
  void complete(base::Token token, base::Verdict verdict) {
    deferrals.complete(token, verdict);
    shard.mailbox.drain();
  }
};

}  // namespace patchbay::test
