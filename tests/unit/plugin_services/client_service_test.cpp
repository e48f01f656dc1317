#include "plugin_services/client_service.h"

#include <catch2/catch.hpp>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "access/access_control.h"
#include "session/session.h"
#include "support/chain_listener.h"
#include "support/shard_fixture.h"
#include "support/test_client.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ConnectOptions;
using patchbay::test::ServicesFixture;
using patchbay::test::TestClient;
using plugin_bridge::GateState;

namespace {

struct Clients : ServicesFixture {
  explicit Clients(ServiceLimits given = {}, uint32_t queue_max = 10'000) : ServicesFixture(given, queue_max) {}
  struct Answer {
    patchbay_status status = PATCHBAY_FAILED;
    std::vector<std::string> client_ids;
    uint64_t cursor = 0;
    bool on_shard = true;
  };
  static void on_answer(void* self, patchbay_status status, const patchbay_client* const* clients, size_t count,
                        uint64_t cursor) {
    Answer answer{status, {}, cursor, base::current_shard() != base::kNoShard};
    for (size_t i = 0; i < count; ++i) {
      answer.client_ids.emplace_back(reinterpret_cast<const access::ClientInfo*>(clients[i])->client_id());
    }
    static_cast<Clients*>(self)->answers.push_back(std::move(answer));
  }
  TestClient& connect(const std::string& client_id, uint32_t session_expiry_interval_s = 0) {
    TestClient& client = connections.emplace_back(flow);
    ConnectOptions options;
    options.client_id = client_id;
    options.session_expiry_interval_s = session_expiry_interval_s;
    client.connect(options);
    return client;
  }
  Answer find(std::string_view client_id) {
    REQUIRE(service.find(client_id, &Clients::on_answer, this) == PATCHBAY_OK);
    settle();
    REQUIRE_FALSE(answers.empty());
    return answers.back();
  }
  Answer page(uint64_t cursor, uint32_t limit) {
    REQUIRE(service.page(cursor, limit, &Clients::on_answer, this) == PATCHBAY_OK);
    settle();
    return answers.back();
  }
  std::string attribute(std::string_view client_id, std::string_view name) {
    const session::Session* session = flow.find_session(client_id);
    REQUIRE(session != nullptr);
    return std::string(session->client().attribute(name).value_or("<none>"));
  }

  QueryAnswers queries{account, shards, workers};
  ClientService service{account, shards, queries};
  std::deque<TestClient> connections;
  std::vector<Answer> answers;
};

}  // namespace

TEST_CASE("a client is found wherever it lives, connected or not, by a call on a worker") {
  Clients clients;
  clients.connect("a");
  clients.connect("b", 100).disconnect(mqtt::ReasonCode::success);
  CHECK(clients.find("a").client_ids == std::vector<std::string>{"a"});
  CHECK_FALSE(clients.answers.back().on_shard);
  CHECK(clients.find("b").client_ids == std::vector<std::string>{"b"});
  CHECK(clients.find("nobody").status == PATCHBAY_NOT_FOUND);
  CHECK(clients.answers.back().client_ids.empty());
  CHECK(clients.queries.open() == 0);
}

TEST_CASE("pages give every connected client once, over all shards") {
  Clients clients;
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) {
    const std::string id = "client-" + std::to_string(i);
    clients.connect(id);
    expected.insert(id);
  }
  clients.connect("away", 100).disconnect(mqtt::ReasonCode::success);
  std::set<std::string> seen;
  uint64_t cursor = 0;
  size_t total = 0;
  int pages = 0;
  do {
    const Clients::Answer answer = clients.page(cursor, 7);
    CHECK(answer.status == PATCHBAY_OK);
    CHECK(answer.client_ids.size() <= 7);
    seen.insert(answer.client_ids.begin(), answer.client_ids.end());
    total += answer.client_ids.size();
    cursor = answer.cursor;
    REQUIRE(++pages < 10);
  } while (cursor != 0);
  CHECK(seen == expected);
  CHECK(total == expected.size());
}

TEST_CASE("a page of a node without clients is empty and the last") {
  Clients clients;
  const Clients::Answer answer = clients.page(0, 10);
  CHECK(answer.status == PATCHBAY_OK);
  CHECK(answer.client_ids.empty());
  CHECK(answer.cursor == 0);
}

TEST_CASE("disconnect tells the client the reason; the will is published, the session lives on") {
  Clients clients;
  TestClient& victim = clients.connect("victim", 100);
  CHECK(clients.service.disconnect("victim", 0x97) == PATCHBAY_OK);
  CHECK(clients.service.disconnect("nobody", 0) == PATCHBAY_OK);
  clients.settle();
  const test::ReceivedPacket packet = victim.next_packet();
  CHECK(packet.type == mqtt::PacketType::disconnect);
  CHECK(packet.reason == mqtt::ReasonCode::quota_exceeded);
  CHECK(victim.closed());
  REQUIRE(clients.flow.find_session("victim") != nullptr);
  CHECK(clients.flow.find_session("victim")->channel() == nullptr);
}

TEST_CASE("disconnect without a reason is an administrative action") {
  Clients clients;
  TestClient& victim = clients.connect("victim");
  CHECK(clients.service.disconnect("victim", 0) == PATCHBAY_OK);
  clients.settle();
  CHECK(victim.next_packet().reason == mqtt::ReasonCode::administrative_action);
}

TEST_CASE("attributes are set, changed and removed; the rest of what is known stays") {
  Clients clients;
  clients.connect("a");
  CHECK(clients.service.set_attributes("a", {{"room", "1"}, {"floor", "2"}}) == PATCHBAY_OK);
  clients.settle();
  CHECK(clients.attribute("a", "room") == "1");
  CHECK(clients.service.set_attributes("a", {{"room", "3"}, {"floor", ""}}) == PATCHBAY_OK);
  CHECK(clients.service.set_attributes("nobody", {{"room", "3"}}) == PATCHBAY_OK);
  clients.settle();
  CHECK(clients.attribute("a", "room") == "3");
  CHECK(clients.attribute("a", "floor") == "<none>");
  CHECK(clients.find("a").client_ids == std::vector<std::string>{"a"});
}

TEST_CASE("attributes have bounds") {
  test::RecordingLog log;
  Clients clients;
  clients.connect("a");
  CHECK(clients.service.set_attributes("a", {{"", "1"}}) == PATCHBAY_INVALID);
  CHECK(clients.service.set_attributes("a", {{"n", "\xff"}}) == PATCHBAY_INVALID);
  CHECK(clients.service.set_attributes("a", {{std::string(129, 'n'), "1"}}) == PATCHBAY_INVALID);
  CHECK(clients.service.set_attributes("a", {{"n", std::string(4097, 'v')}}) == PATCHBAY_INVALID);
  ClientService::Attributes many;
  for (size_t i = 0; i < ClientService::kMaximumAttributes; ++i) many.emplace_back("n" + std::to_string(i), "v");
  CHECK(clients.service.set_attributes("a", many) == PATCHBAY_OK);
  clients.settle();
  CHECK(clients.service.set_attributes("a", {{"one-more", "v"}}) == PATCHBAY_OK);
  clients.settle();
  CHECK(clients.attribute("a", "one-more") == "<none>");
  CHECK(clients.attribute("a", "n0") == "v");
}

TEST_CASE("later decisions of access control see the attributes") {
  Clients clients;
  std::vector<std::string> rooms;
  const test::ChainListener<access::AuthorizeEvent> authorizer(
      clients.flow, clients.flow.access_points.authorize_publish, base::Phase::decide,
      [&](access::AuthorizeEvent& event, base::Token) {
        rooms.emplace_back(event.client->attribute("room").value_or("<none>"));
        return base::Verdict::allows();
      });
  TestClient& client = clients.connect("a");
  client.publish("t", "1");
  CHECK(clients.service.set_attributes("a", {{"room", "7"}}) == PATCHBAY_OK);
  clients.settle();
  client.publish("t", "2");
  REQUIRE(rooms.size() == 2);  // what was cached about the client of before is forgotten
  CHECK(rooms[0] == "<none>");
  CHECK(rooms[1] == "7");
}

TEST_CASE("cached decisions are forgotten for a client, for a user, and for everybody") {
  Clients clients;
  int asked = 0;
  const test::ChainListener<access::AuthorizeEvent> authorizer(
      clients.flow, clients.flow.access_points.authorize_publish, base::Phase::decide,
      [&](access::AuthorizeEvent&, base::Token) {
        ++asked;
        return base::Verdict::allows();
      });
  TestClient& client = clients.connect("a");
  client.publish("t", "1");
  client.publish("t", "2");
  CHECK(asked == 1);
  CHECK(clients.service.invalidate_acl("other", "") == PATCHBAY_OK);
  clients.settle();
  client.publish("t", "3");
  CHECK(asked == 1);
  CHECK(clients.service.invalidate_acl("a", "") == PATCHBAY_OK);
  clients.settle();
  client.publish("t", "4");
  CHECK(asked == 2);
  CHECK(clients.service.invalidate_acl("", "user") == PATCHBAY_OK);
  clients.settle();
  client.publish("t", "5");
  CHECK(asked == 3);
  CHECK(clients.service.invalidate_acl("", "") == PATCHBAY_OK);
  clients.settle();
  client.publish("t", "6");
  CHECK(asked == 4);
}

TEST_CASE("questions that cannot be are refused, open ones are bounded, a draining instance asks nothing") {
  ServiceLimits limits;
  limits.max_pending_queries = 1;
  Clients clients(limits);
  CHECK(clients.service.find("a", nullptr, nullptr) == PATCHBAY_INVALID);
  CHECK(clients.service.page(0, 0, &Clients::on_answer, &clients) == PATCHBAY_INVALID);
  CHECK(clients.service.page(uint64_t{9} << 32, 1, &Clients::on_answer, &clients) == PATCHBAY_INVALID);
  CHECK(clients.service.find("a", &Clients::on_answer, &clients) == PATCHBAY_OK);
  CHECK(clients.service.find("a", &Clients::on_answer, &clients) == PATCHBAY_BUSY);
  CHECK(clients.service.page(0, 1, &Clients::on_answer, &clients) == PATCHBAY_BUSY);
  CHECK(clients.account.refusals.value(Refusal::pending_queries) == 2);
  clients.settle();
  clients.instance.gate.move_to(GateState::draining);
  CHECK(clients.service.find("a", &Clients::on_answer, &clients) == PATCHBAY_CLOSED);
  CHECK(clients.service.page(0, 1, &Clients::on_answer, &clients) == PATCHBAY_CLOSED);
  CHECK(clients.service.disconnect("a", 0) == PATCHBAY_CLOSED);
}

TEST_CASE("an answer waits until the workers have room for it") {
  Clients clients({}, 1);
  plugin_bridge::HeldCounters other(clients.places.shards());
  REQUIRE(clients.workers.post(other, plugin_bridge::make_job([] {})));
  CHECK(clients.service.find("a", &Clients::on_answer, &clients) == PATCHBAY_OK);
  clients.flow.settle();
  CHECK(clients.workers.waiting() == 1);
  CHECK(clients.workers.run_pending() == 1);
  CHECK(clients.answers.empty());
  CHECK(clients.queries.open() == 1);
  clients.after_ms(200);
  CHECK(clients.answers.size() == 1);
  CHECK(clients.queries.open() == 0);
}
