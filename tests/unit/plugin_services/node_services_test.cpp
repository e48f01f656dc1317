// The services as plugins see them: through the tables that the host gives out, over the life of an instance.
#include "plugin_services/node_services.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "patchbay/message.h"
#include "support/shard_fixture.h"
#include "support/test_client.h"
#include "unit/plugin_services/node_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::NodeFixture;
using patchbay::test::TestClient;
using plugin_bridge::Held;
using plugin_bridge::Instance;

namespace {

template <class Table>
const Table& get(Instance& instance, const char* id) {
  const auto* table = static_cast<const Table*>(instance.host()->get(instance.host(), id));
  REQUIRE(table != nullptr);
  CHECK(table->size == sizeof(Table));
  return *table;
}

patchbay_str str(std::string_view text) {
  return {text.data(), text.size()};
}

void count(void* self) {
  ++*static_cast<std::atomic<int>*>(self);
}

/// A writer that fills a text.
struct Text {
  std::string text;
  patchbay_writer writer{sizeof(patchbay_writer), 0, this, [](patchbay_writer* to, const void* data, size_t len) {
                           static_cast<Text*>(to->ctx)->text.append(static_cast<const char*>(data), len);
                           return PATCHBAY_OK;
                         }};
};

}  // namespace

TEST_CASE("every interface of the host is there, those with a permission for whom it was granted") {
  test::RecordingLog log;
  NodeFixture node;
  const auto bare = node.instance("bare", 1, {}, {});
  const auto trusted = node.instance("trusted", 2);
  for (const char* id : {PATCHBAY_TIMER_1, PATCHBAY_WORKER_1, PATCHBAY_THREAD_1, PATCHBAY_FD_1, PATCHBAY_THREAD_CHECK_1,
                         PATCHBAY_SETTINGS_1, PATCHBAY_KV_1, PATCHBAY_METRICS_1, PATCHBAY_ALARM_1, PATCHBAY_ROUTES_1,
                         PATCHBAY_REGISTRY_1}) {
    INFO(id);
    CHECK(bare->host()->get(bare->host(), id) != nullptr);
  }
  for (const char* id : {PATCHBAY_PUBLISH_1, PATCHBAY_SUBSCRIBE_1, PATCHBAY_CLIENTS_1, PATCHBAY_RETAINED_1,
                         PATCHBAY_SECRET_1, PATCHBAY_ADMIN_1}) {
    INFO(id);
    CHECK(bare->host()->get(bare->host(), id) == nullptr);
    CHECK(trusted->host()->get(trusted->host(), id) != nullptr);
  }
  CHECK(node.stop(*bare));
  CHECK(node.stop(*trusted));
}

TEST_CASE("messages: created, published and received by the tables, every share given back") {
  NodeFixture node;
  const auto sender = node.instance("sender", 1);
  const auto receiver = node.instance("receiver", 2);
  node.open(*sender);
  node.open(*receiver);
  std::string received;
  uint64_t subscription = 0;
  const auto& subscribe = get<patchbay_subscribe>(*receiver, PATCHBAY_SUBSCRIBE_1);
  REQUIRE(subscribe.subscribe(
              receiver->host(), str("a/+"), 1,
              [](void* self, uint64_t, const patchbay_message* message) {
                *static_cast<std::string*>(self) = reinterpret_cast<const mqtt::Message*>(message)->topic();
              },
              &received, &subscription) == PATCHBAY_OK);
  node.settle();
  patchbay_message_fields fields{};
  fields.size = sizeof(fields);
  fields.present = PATCHBAY_FIELD_TOPIC;
  fields.topic = str("a/b");
  const patchbay_message* message = sender->host()->message_create(sender->host(), nullptr, &fields);
  REQUIRE(message != nullptr);
  CHECK(sender->held().value(Held::message_references) == 1);
  CHECK(get<patchbay_publish>(*sender, PATCHBAY_PUBLISH_1).publish(sender->host(), message) == PATCHBAY_OK);
  CHECK(sender->held().value(Held::message_references) == 0);
  node.settle();
  CHECK(received == "a/b");
  CHECK(subscribe.unsubscribe(receiver->host(), subscription, nullptr, nullptr) == PATCHBAY_OK);
  CHECK(node.stop(*sender));
  CHECK(node.stop(*receiver));
}

TEST_CASE("the tables of clients and retained messages work") {
  NodeFixture node;
  TestClient client(node.flow);
  client.connect();
  client.publish("state", "on", mqtt::Qos::at_most_once, true);
  const auto probe = node.instance("probe", 1);
  const patchbay_host* host = probe->host();

  node.open(*probe);

  std::atomic<int> found{0};
  const auto note_client = [](void* self, patchbay_status status, const patchbay_client* const*, size_t clients,
                              uint64_t) {
    if (status == PATCHBAY_OK) *static_cast<std::atomic<int>*>(self) += static_cast<int>(clients);
  };
  const auto& clients = get<patchbay_clients>(*probe, PATCHBAY_CLIENTS_1);
  CHECK(clients.find(host, str("client"), note_client, &found) == PATCHBAY_OK);
  CHECK(clients.page(host, 0, 10, note_client, &found) == PATCHBAY_OK);
  const patchbay_pair attribute{str("room"), str("1")};
  CHECK(clients.set_attributes(host, str("client"), &attribute, 1) == PATCHBAY_OK);
  CHECK(clients.invalidate_acl(host, str("client"), str("")) == PATCHBAY_OK);
  node.settle();
  CHECK(found == 2);
  CHECK(node.flow.find_session("client")->client().attribute("room") == "1");

  std::atomic<int> retained{0};
  const auto note_message = [](void* self, patchbay_status, const patchbay_message* const*, size_t messages, uint64_t) {
    *static_cast<std::atomic<int>*>(self) += static_cast<int>(messages);
  };
  const auto& retained_table = get<patchbay_retained>(*probe, PATCHBAY_RETAINED_1);
  CHECK(retained_table.find(host, str("state"), note_message, &retained) == PATCHBAY_OK);
  CHECK(retained_table.match(host, str("#"), 0, 10, note_message, &retained) == PATCHBAY_OK);
  node.settle();
  CHECK(retained == 2);
  CHECK(retained_table.remove(host, str("state")) == PATCHBAY_OK);

  CHECK(node.stop(*probe));
  CHECK(probe->held_back().empty());
}

TEST_CASE("the tables of settings, secrets, kv, metrics, alarms and administration work") {
  NodeFixture node;
  const auto probe = node.instance("probe", 1);
  const patchbay_host* host = probe->host();
  const auto& metrics = get<patchbay_metrics>(*probe, PATCHBAY_METRICS_1);
  const patchbay_pair label{str("kind"), str("x")};
  uint32_t metric = 0;
  CHECK(metrics.declare(host, str("seen"), PATCHBAY_METRIC_COUNTER, str("help"), &label, 1, &metric) == PATCHBAY_OK);
  CHECK(metrics.declare(host, str("seen2"), 7, str("help"), &label, 1, &metric) == PATCHBAY_INVALID);
  metrics.add(host, metric, 3);
  node.open(*probe);
  node.services.set_settings(*probe, R"({"a":1})", 3);
  const auto& settings = get<patchbay_settings>(*probe, PATCHBAY_SETTINGS_1);
  Text json;
  CHECK(settings.current(host, &json.writer) == PATCHBAY_OK);
  CHECK(json.text == R"({"a":1})");
  CHECK(settings.version(host) == 3);

  std::string secret;
  const auto show = [](void* self, patchbay_bytes value) { *static_cast<std::string*>(self) = view_of(value); };
  CHECK(get<patchbay_secret>(*probe, PATCHBAY_SECRET_1).resolve(host, str("${env:X}"), show, &secret) == PATCHBAY_OK);
  CHECK(secret == "value of ${env:X}");

  const auto& kv = get<patchbay_kv>(*probe, PATCHBAY_KV_1);
  CHECK(kv.put(host, str("k"), bytes_of("v")) == PATCHBAY_OK);
  Text value;
  CHECK(kv.get(host, str("k"), &value.writer) == PATCHBAY_OK);
  CHECK(value.text == "v");
  int keys = 0;
  CHECK(kv.scan(
            host, str(""),
            [](void* self, patchbay_str, patchbay_bytes) -> uint32_t {
              ++*static_cast<int*>(self);
              return 0;
            },
            &keys) == PATCHBAY_OK);
  CHECK(keys == 1);
  CHECK(kv.remove(host, str("k")) == PATCHBAY_OK);

  const auto& alarm = get<patchbay_alarm>(*probe, PATCHBAY_ALARM_1);
  CHECK(alarm.raise(host, str("db"), str("down")) == PATCHBAY_OK);
  CHECK(node.roles.alarms.size() == 1);

  const auto& admin = get<patchbay_admin>(*probe, PATCHBAY_ADMIN_1);
  CHECK(admin.start(host, str("other")) == PATCHBAY_OK);
  CHECK(admin.stop(host, str("other")) == PATCHBAY_OK);
  CHECK(admin.stop(host, str("probe")) == PATCHBAY_DENIED);
  CHECK(node.roles.starts + node.roles.stops == 2);

  CHECK(get<patchbay_thread_check>(*probe, PATCHBAY_THREAD_CHECK_1).kind(host) == PATCHBAY_THREAD_OTHER);
  const auto families = node.services.metric_families();
  REQUIRE(families.size() == 1);
  CHECK(families[0].name == "patchbay_plugin_seen");
  CHECK(families[0].samples.at(0).value == "3");

  CHECK(node.stop(*probe));
  CHECK(node.roles.alarms.empty());
  CHECK(node.services.metric_families().empty());
  CHECK(probe->held_back().empty());
}

TEST_CASE("when stopped() has returned true, nothing of the instance runs or will run") {
  NodeFixture node;
  const auto probe = node.instance("probe", 1);
  node.open(*probe);
  const patchbay_host* host = probe->host();
  static std::atomic<int> calls{0};
  calls = 0;
  uint64_t id = 0;
  const auto tick = [](void*, uint64_t) { ++calls; };
  CHECK(get<patchbay_timer>(*probe, PATCHBAY_TIMER_1).set(host, 50, 50, tick, nullptr, &id) == PATCHBAY_OK);
  node.flow.turn(1, [&] {
    CHECK(get<patchbay_timer>(*probe, PATCHBAY_TIMER_1).set(host, 50, 50, tick, nullptr, &id) == PATCHBAY_OK);
  });
  const auto on_message = [](void*, uint64_t, const patchbay_message*) { ++calls; };
  CHECK(get<patchbay_subscribe>(*probe, PATCHBAY_SUBSCRIBE_1).subscribe(host, str("#"), 0, on_message, nullptr, &id) ==
        PATCHBAY_OK);
  static const auto& threads = get<patchbay_thread>(*probe, PATCHBAY_THREAD_1);
  static const patchbay_host* for_thread = host;
  static std::atomic<uint64_t> thread_id{0};
  uint64_t started = 0;
  CHECK(threads.start(
            host, str("loop"),
            [](void*) {
              while (thread_id == 0 || threads.stop_requested(for_thread, thread_id) == 0) std::this_thread::yield();
            },
            nullptr, &started) == PATCHBAY_OK);
  thread_id = started;
  node.settle();
  while (node.services.thread_ids().empty()) std::this_thread::yield();
  CHECK_FALSE(probe->held_back().empty());
  CHECK(node.stop(*probe));
  CHECK(probe->held_back().empty());
  CHECK(node.services.thread_ids().empty());
  const int before = calls;
  TestClient client(node.flow);
  client.connect();
  client.publish("a", "x");
  node.flow.advance_ms(500);
  node.settle();
  CHECK(calls == before);
  CHECK(get<patchbay_timer>(*probe, PATCHBAY_TIMER_1).set(host, 1, 0, tick, nullptr, &id) == PATCHBAY_CLOSED);
  std::atomic<int> runs{0};
  CHECK(get<patchbay_worker>(*probe, PATCHBAY_WORKER_1).run(host, count, &runs) == PATCHBAY_CLOSED);
}

TEST_CASE("stopped() tells when something does not end, and can be asked again") {
  NodeFixture node;
  const auto probe = node.instance("probe", 1);
  node.open(*probe);
  static std::atomic<bool> let_go{false};
  let_go = false;
  uint64_t id = 0;
  CHECK(get<patchbay_thread>(*probe, PATCHBAY_THREAD_1)
            .start(
                probe->host(), str("deaf"),
                [](void*) {
                  while (!let_go) std::this_thread::yield();
                },
                nullptr, &id) == PATCHBAY_OK);
  CHECK_FALSE(node.stop(*probe, 5));
  CHECK(probe->held_back() == std::vector<std::string>{"1 threads"});
  let_go = true;
  CHECK(node.services.stopped(*probe, 10'000));
  CHECK(probe->held_back().empty());
}

TEST_CASE("jobs that were taken are run before the instance has stopped") {
  NodeFixture node;
  const auto probe = node.instance("probe", 1);
  node.open(*probe);
  std::atomic<int> runs{0};
  const auto& worker = get<patchbay_worker>(*probe, PATCHBAY_WORKER_1);
  CHECK(worker.run(probe->host(), count, &runs) == PATCHBAY_OK);
  CHECK(worker.post(probe->host(), 1, count, &runs) == PATCHBAY_OK);
  CHECK(node.stop(*probe));
  CHECK(runs == 2);
}

TEST_CASE("requests reach a running instance, its newest version, and nobody before and after") {
  NodeFixture node;
  const auto serve = [&node](uint32_t number, const char* answer) {
    ServiceDeclarations declarations;
    declarations.routes = {{"GET", "/hello"}};
    auto made = node.instance("web", number, std::move(declarations));
    static std::map<uint32_t, std::pair<Instance*, const char*>> answers;
    answers[number] = {made.get(), answer};
    CHECK(get<patchbay_routes>(*made, PATCHBAY_ROUTES_1)
              .add(
                  made->host(), str("GET"), str("/hello"),
                  [](void* self, const patchbay_request* request) {
                    auto& [instance, text] = *static_cast<std::pair<Instance*, const char*>*>(self);
                    get<patchbay_routes>(*instance, PATCHBAY_ROUTES_1)
                        .respond(instance->host(), request->request, 200, str("text/plain"), bytes_of(text));
                  },
                  &answers[number]) == PATCHBAY_OK);
    return made;
  };
  const auto ask = [&node] {
    RouteResponse got;
    node.services.handle_request("web", {"GET", "/hello", "", "admin", {}, ""},
                                 [&got](RouteResponse response) { got = std::move(response); });
    node.settle();
    return std::to_string(got.http_status) + ' ' + got.body.substr(0, 8);
  };
  CHECK(ask().starts_with("404"));
  const auto old_version = serve(1, "old");
  CHECK(ask().starts_with("404"));
  node.open(*old_version);
  CHECK(ask() == "200 old");
  const auto new_version = serve(2, "new");
  CHECK(ask() == "200 old");
  node.open(*new_version);
  CHECK(ask() == "200 new");
  CHECK(node.stop(*old_version));
  CHECK(ask() == "200 new");
  CHECK(node.stop(*new_version));
  CHECK(ask().starts_with("404"));
}

TEST_CASE("services go from instance to instance; the provider waits for its leases") {
  NodeFixture node;
  ServiceDeclarations declarations;
  declarations.provides = {"svc.sink/1"};
  const auto provider = node.instance("sink", 1, std::move(declarations));
  const auto user = node.instance("rules", 2);
  static const int table = 7;
  static const void* seen = nullptr;
  seen = nullptr;
  CHECK(get<patchbay_registry>(*provider, PATCHBAY_REGISTRY_1)
            .provide(provider->host(), str("svc.sink/1"), str("main"), 1, &table, nullptr) == PATCHBAY_OK);
  node.open(*user);
  uint64_t lease = 0;
  CHECK(get<patchbay_registry>(*user, PATCHBAY_REGISTRY_1)
            .acquire(
                user->host(), str("svc.sink/1"), str(""), 1,
                [](void*, uint64_t, const void* got, void*, uint32_t) { seen = got; },
                [](void*, uint64_t) { seen = nullptr; }, nullptr, &lease) == PATCHBAY_OK);
  CHECK(seen == nullptr);
  node.open(*provider);
  CHECK(seen == &table);
  provider->gate().move_to(plugin_bridge::GateState::draining);
  node.services.draining(*provider);
  CHECK(seen == nullptr);
  CHECK_FALSE(node.services.wait_for_leases(*provider, 1));
  CHECK(get<patchbay_registry>(*user, PATCHBAY_REGISTRY_1).release(user->host(), lease, 1) == PATCHBAY_OK);
  CHECK(node.services.wait_for_leases(*provider, 1));
  CHECK(node.stop(*provider));
  CHECK(node.stop(*user));
}

TEST_CASE("what a limit has refused is shown with the instance and the limit's key") {
  NodeFixture node;
  node.limits.max_timers = 0;
  const auto probe = node.instance("probe", 1);
  node.open(*probe);
  uint64_t timer = 0;
  const auto& timers = get<patchbay_timer>(*probe, PATCHBAY_TIMER_1);
  CHECK(timers.set(
            probe->host(), 1, 0, [](void*, uint64_t) {}, nullptr, &timer) == PATCHBAY_BUSY);
  CHECK(timers.set(
            probe->host(), 1, 0, [](void*, uint64_t) {}, nullptr, &timer) == PATCHBAY_BUSY);
  const auto families = node.services.metric_families();
  REQUIRE(families.size() == 1);
  CHECK(families[0].name == "patchbay_plugins_refused");
  CHECK(families[0].samples.at(0).labels ==
        std::vector<std::pair<std::string, std::string>>{{"instance", "probe"}, {"limit", "plugins.max_timers"}});
  CHECK(families[0].samples.at(0).value == "2");
  CHECK(node.stop(*probe));
}
