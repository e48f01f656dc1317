#include "operations/traces.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "unit/operations/operations_fixture.h"

namespace patchbay::test {
namespace {

using mqtt::Qos;
using operations::TraceFormat;
using operations::TraceKind;
using operations::TracePayload;
using operations::Traces;
using operations::TraceSpec;
using operations::TraceStatus;

TraceSpec trace_of(OperationsFixture& fixture, std::string name, TraceKind kind, std::string value) {
  TraceSpec spec;
  spec.name = std::move(name);
  spec.kind = kind;
  spec.value = std::move(value);
  spec.start_unix_s = fixture.flow.clock.unix_ms() / 1000;
  spec.end_unix_s = spec.start_unix_s + 600;
  return spec;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

size_t lines_of(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("A client's trace says what it does and what it gets, and nothing of others", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->traces().add(trace_of(fixture, "one", TraceKind::client_id, "alice")));
  {
    TestClient alice(fixture.flow);
    TestClient bob(fixture.flow);
    alice.connect({.client_id = "alice", .user_name = "a", .password = "top secret"});
    bob.connect({.client_id = "bob"});
    alice.subscribe("to/alice", Qos::at_least_once);
    bob.subscribe("to/bob");
    alice.publish("to/bob", "hello bob");
    bob.publish("to/alice", "hello alice", Qos::at_least_once, false, 1);
    alice.acknowledge_all(alice.publishes());
    bob.publish("elsewhere", "unseen");
    alice.unsubscribe("to/alice");
    alice.disconnect();
  }
  fixture.settle();
  const std::string text = fixture.text_of("trace/trace_one.log");
  for (const char* part :
       {"msg: authentication, clientid: alice", "result: allowed", "client_connected", "packet: CONNECT",
        "msg: authorization, clientid: alice", "action: publish, topic: to/bob, result: allowed, decided_by: built-in",
        "action: subscribe, topic: to/alice, result: allowed", "msg: subscribe, clientid: alice", "topic: to/alice",
        "msg: publish_received, clientid: alice", "payload: hello bob", "receivers: 1", "msg: deliver_sent",
        "payload: hello alice", "from: bob", "msg: deliver_acked", "msg: unsubscribe", "client_disconnected",
        "packet: DISCONNECT"}) {
    INFO(part << " in " << text);
    CHECK(has(text, part));
  }
  CHECK_FALSE(has(text, "unseen"));
  CHECK_FALSE(has(text, "clientid: bob"));
  CHECK_FALSE(has(text, "top secret"));
}

TEST_CASE("A topic's trace follows messages and subscriptions", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->traces().add(trace_of(fixture, "t", TraceKind::topic, "a/#")));
  CHECK(fixture.flow.hook_points.packet_in.empty());
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  client.subscribe("a/+/c");
  client.subscribe("b");
  client.publish("a/b/c", "inside");
  client.publish("b", "outside");
  fixture.settle();
  const std::string text = fixture.text_of("trace/trace_t.log");
  CHECK(has(text, "topic: a/+/c"));
  CHECK(has(text, "payload: inside"));
  CHECK_FALSE(has(text, "outside"));
  CHECK_FALSE(has(text, "client_connected"));
}

TEST_CASE("An address's trace follows whoever comes from there", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->traces().add(trace_of(fixture, "ip", TraceKind::ip_address, "127.0.0.1")));
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  fixture.settle();
  CHECK(has(fixture.text_of("trace/trace_ip.log"), "client_connected, clientid: c"));
}

TEST_CASE("Payloads are shown as text, as hexadecimal, or not, in lines or in JSON", "[operations]") {
  OperationsFixture fixture;
  Traces& traces = fixture.operations->traces();
  TraceSpec text = trace_of(fixture, "text", TraceKind::topic, "t");
  TraceSpec hex = trace_of(fixture, "hex", TraceKind::topic, "t");
  hex.payload = TracePayload::hex;
  TraceSpec hidden = trace_of(fixture, "hidden", TraceKind::topic, "t");
  hidden.payload = TracePayload::hidden;
  hidden.format = TraceFormat::json;
  for (const TraceSpec& spec : {text, hex, hidden}) REQUIRE(traces.add(spec));
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  client.publish("t", "line\nfeed");
  client.publish("t", std::string(5'000, 'x'));
  fixture.settle();
  CHECK(lines_of(fixture.text_of("trace/trace_text.log")) == 4);  // two each; what a client sends makes none
  CHECK(has(fixture.text_of("trace/trace_text.log"), "(5000 bytes in all)"));
  CHECK(has(fixture.text_of("trace/trace_hex.log"), "6C696E650A66656564"));
  const std::string json = fixture.text_of("trace/trace_hidden.log");
  CHECK(has(json, R"("payload":"******")"));
  CHECK(has(json, R"("topic":"t")"));
  CHECK_FALSE(has(json, "feed"));
}

TEST_CASE("A trace waits, runs and ends by the clock", "[operations]") {
  OperationsFixture fixture;
  Traces& traces = fixture.operations->traces();
  TraceSpec spec = trace_of(fixture, "later", TraceKind::topic, "t");
  spec.start_unix_s += 5;
  spec.end_unix_s = spec.start_unix_s + 5;
  REQUIRE(traces.add(spec));
  CHECK(traces.find("later")->status == TraceStatus::waiting);
  CHECK(fixture.nobody_listens());
  fixture.pass_s(6);
  CHECK(traces.find("later")->status == TraceStatus::running);
  CHECK_FALSE(fixture.nobody_listens());
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  client.publish("t", "seen");
  fixture.pass_s(6);
  CHECK(traces.find("later")->status == TraceStatus::stopped);
  CHECK(fixture.nobody_listens());
  client.publish("t", "too late");
  fixture.settle();
  CHECK(has(fixture.text_of("trace/trace_later.log"), "seen"));
  CHECK_FALSE(has(fixture.text_of("trace/trace_later.log"), "too late"));
}

TEST_CASE("Stopping keeps the file, removing takes it away", "[operations]") {
  OperationsFixture fixture;
  Traces& traces = fixture.operations->traces();
  REQUIRE(traces.add(trace_of(fixture, "a", TraceKind::topic, "t")));
  REQUIRE(traces.add(trace_of(fixture, "b", TraceKind::topic, "t")));
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  client.publish("t", "1");
  fixture.settle();
  CHECK(traces.stop("a"));
  CHECK(traces.find("a")->status == TraceStatus::stopped);
  CHECK(traces.find("a")->bytes > 0);
  CHECK(traces.remove("b"));
  CHECK(fixture.nobody_listens());
  CHECK_FALSE(std::filesystem::exists(fixture.folder / "trace/trace_b.log"));
  CHECK_FALSE(traces.stop("b"));
  CHECK_FALSE(traces.remove("b"));
  traces.clear();
  CHECK(traces.list().empty());
  CHECK_FALSE(std::filesystem::exists(fixture.folder / "trace/trace_a.log"));
}

TEST_CASE("A file is read by position", "[operations]") {
  OperationsFixture fixture;
  Traces& traces = fixture.operations->traces();
  REQUIRE(traces.add(trace_of(fixture, "a", TraceKind::topic, "t")));
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  for (int i = 0; i < 20; ++i) client.publish("t", "message " + std::to_string(i));
  fixture.settle();
  std::string all;
  uint64_t position = 0;
  for (;;) {
    const auto part = traces.read("a", position, 100);
    REQUIRE(part);
    if (part->text.empty()) break;
    CHECK(part->text.size() <= 100);
    all += part->text;
    position = part->position;
  }
  CHECK(all == fixture.text_of("trace/trace_a.log"));
  CHECK(traces.read("a", 1'000'000, 100)->text.empty());
  CHECK_FALSE(traces.read("none", 0, 100));
}

TEST_CASE("Traces go on after a restart, in the same file", "[operations]") {
  OperationsFixture fixture;
  REQUIRE(fixture.operations->traces().add(trace_of(fixture, "a", TraceKind::client_id, "c")));
  {
    TestClient client(fixture.flow);
    client.connect({.client_id = "c"});
  }
  fixture.settle();
  const size_t before = fixture.text_of("trace/trace_a.log").size();
  REQUIRE(fixture.restart());
  REQUIRE(fixture.operations->traces().find("a"));
  CHECK(fixture.operations->traces().find("a")->spec.value == "c");
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  fixture.settle();
  CHECK(fixture.text_of("trace/trace_a.log").size() > before);
  std::ofstream(fixture.folder / "trace/traces.json") << "{";
  CHECK_FALSE(fixture.restart());
}

TEST_CASE("Names are names of files, and there are only so many traces", "[operations]") {
  OperationsFixture fixture;
  Traces& traces = fixture.operations->traces();
  for (const char* name : {"", "1a", "../a", "a/b", "a b", "a.log", "_a"}) {
    const auto refused = traces.add(trace_of(fixture, name, TraceKind::client_id, "c"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().refusal == Traces::Refusal::invalid);
  }
  CHECK_FALSE(traces.add(trace_of(fixture, "a", TraceKind::topic, "a/#/b")));
  CHECK_FALSE(traces.add(trace_of(fixture, "a", TraceKind::ip_address, "localhost")));
  CHECK_FALSE(traces.add(trace_of(fixture, "a", TraceKind::client_id, "")));
  TraceSpec backwards = trace_of(fixture, "a", TraceKind::client_id, "c");
  backwards.end_unix_s = backwards.start_unix_s;
  CHECK_FALSE(traces.add(backwards));
  for (size_t i = 0; i < Traces::kTracesMax; ++i)
    REQUIRE(traces.add(trace_of(fixture, "t" + std::to_string(i), TraceKind::client_id, "c")));
  CHECK(traces.add(trace_of(fixture, "t0", TraceKind::client_id, "c")).error().refusal == Traces::Refusal::exists);
  CHECK(traces.add(trace_of(fixture, "more", TraceKind::client_id, "c")).error().refusal == Traces::Refusal::full);
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  fixture.settle();
  CHECK(fixture.text_of("trace/trace_t0.log") == fixture.text_of("trace/trace_t29.log"));
}

TEST_CASE("A full file takes no more, and counts", "[operations]") {
  OperationsFixture fixture;
  operations::TraceFile file(fixture.folder / "small.log", TraceFormat::text, TracePayload::text, 200);
  REQUIRE(file.is_open());
  operations::TraceEvent event;
  event.what = "publish_received";
  event.client_id = "c";
  for (int i = 0; i < 10; ++i) file.append(event);
  CHECK(file.size() <= 200);
  CHECK(file.size() == fixture.text_of("small.log").size());
  CHECK(file.dropped_lines() > 0);
  CHECK(lines_of(fixture.text_of("small.log")) + file.dropped_lines() == 10);
}

TEST_CASE("More events than the queue holds are dropped and counted; the shard never waits", "[operations]") {
  OperationsFixture fixture;
  Traces& traces = fixture.operations->traces();
  REQUIRE(traces.add(trace_of(fixture, "a", TraceKind::topic, "t")));
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  for (uint32_t i = 0; i < operations::WorkQueue::kWaitingMax + 10; ++i) client.publish("t", "x");
  CHECK(traces.dropped_events() >= 10);
  CHECK(fixture.operations->queue().refused() == traces.dropped_events());
  fixture.settle();
  CHECK(lines_of(fixture.text_of("trace/trace_a.log")) == operations::WorkQueue::kWaitingMax);
}

}  // namespace patchbay::test
