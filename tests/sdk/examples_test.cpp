#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "patchbay/testing/chaos.hpp"

// Every example, as the .so that its author would ship, in the fake host: what it does, what it leaves, and that its
// code goes.

namespace {

using namespace std::chrono_literals;
using patchbay::testing::fake_host;
using patchbay::testing::host_options;
using patchbay::testing::message_fields;
using patchbay::testing::plugin_file;

std::string path_of(const std::string& name) {
  return std::string(PATCHBAY_EXAMPLES_DIR) + "/" + name + ".so";
}

/// Starts an example; at the end it has left nothing, broken no rule, and is unmapped.
struct example {
  explicit example(const std::string& name, const std::string& settings = "{}",
                   host_options options = {.views = patchbay::testing::views::fence})
      : file(path_of(name)), host(std::move(options)) {
    host.settings(settings);
    const patchbay_status code = host.start(file.entry());
    INFO(host.errors());
    REQUIRE(code == PATCHBAY_OK);
  }
  ~example() {
    host.stop();
    host.destroy();
    CHECK(host.leaks().text() == "");
    for (const auto& each : host.violations()) FAIL_CHECK(each);
    CHECK(file.close());
  }
  plugin_file file;
  fake_host host;
};

std::string temporary_path() {
  char name[] = "/tmp/patchbay-sdk-XXXXXX";
  const int fd = ::mkstemp(name);
  REQUIRE(fd >= 0);
  ::close(fd);
  return name;
}

std::string content_of(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

}  // namespace

TEST_CASE("no-root") {
  example e("no-root");
  CHECK(e.host.authenticate({.username = "root"}).denied());
  CHECK(e.host.authenticate({.username = "ann"}).continued());
  CHECK(e.host.publish({.topic = "$internal/x"}).dropped());
  CHECK(e.host.publish({.topic = "x/$internal/"}).continued());
}

TEST_CASE("deny-by-ip") {
  example e("deny-by-ip", R"({"denied": ["10.", "192.168.7.1"]})");
  CHECK(e.host.accept("10.20.30.40").denied());
  CHECK(e.host.accept("192.168.7.1").denied());
  CHECK(e.host.accept("192.168.7.2").continued());
  CHECK(e.host.accept("110.1.1.1").continued());
  CHECK(e.host.configure(R"({"denied": ["110."]})") == PATCHBAY_OK);
  CHECK(e.host.accept("110.1.1.1").denied());
  CHECK(e.host.accept("10.20.30.40").continued());
}

TEST_CASE("payload-timestamp") {
  example e("payload-timestamp", R"({"property": "at", "topic_filters": ["a/#"]})");
  const auto given = e.host.publish({.topic = "a/b", .payload = "p", .user_properties = {{"x", "y"}}});
  REQUIRE(given.replaced());
  CHECK(given.message().payload == "p");
  const auto now = std::to_string(e.host.shared.now_ms + e.host.shared.unix_offset_ms);
  CHECK(given.message().user_properties == std::vector<std::pair<std::string, std::string>>{{"x", "y"}, {"at", now}});
  CHECK(e.host.points.all().at(0).topic_filters == std::vector<std::string>{"a/#"});
  e.host.fail_after(0, PATCHBAY_NOMEM);
  CHECK(e.host.publish({.topic = "a/b"}).failed());
}

TEST_CASE("topic-rewrite") {
  example e("topic-rewrite", R"({"rules": [{"from": "old/", "to": "new/v1/"}]})");
  e.host.publish({.topic = "old/t"});
  CHECK(e.host.rewritten_topic() == "new/v1/t");
  e.host.publish({.topic = "other/t"});
  CHECK(e.host.rewritten_topic() == "other/t");
  patchbay_subscribe_rewrite_event event{};
  event.qos = 1;
  event.topic_filter = patchbay::testing::str("old/+");
  const auto given = e.host.call(PATCHBAY_HOOK_subscribe_rewrite, event);
  REQUIRE(given.replaced());
  REQUIRE(given.argument().subscriptions.size() == 1);
  CHECK(given.argument().subscriptions[0].topic_filter == "new/v1/+");
  CHECK(given.argument().subscriptions[0].qos == 1);
  patchbay_unsubscribe_rewrite_event gone{};
  gone.topic_filter = patchbay::testing::str("old/+");
  CHECK(e.host.call(PATCHBAY_HOOK_unsubscribe_rewrite, gone).argument().text == "new/v1/+");
}

TEST_CASE("batch-log") {
  const std::string path = temporary_path();
  {
    example e("batch-log", R"({"path": ")" + path + R"("})");
    e.host.publish({.topic = "a", .payload = "1"});
    e.host.publish({.topic = "b", .payload = "2"});
    CHECK(e.host.store.metric("lines") == 2);
    CHECK(e.host.health().first == PATCHBAY_OK);
  }
  const std::string text = content_of(path);
  CHECK(text.find(" a 1\n") != std::string::npos);
  CHECK(text.find(" b 2\n") != std::string::npos);
  ::unlink(path.c_str());
  example e("batch-log", R"({"path": "/nowhere/at/all"})");  // starts all the same
  e.host.publish({.topic = "a"});
  CHECK(e.host.health().first == PATCHBAY_FAILED);
}

TEST_CASE("line-gateway") {
  example e("line-gateway");
  auto c = e.host.protocol.connect();
  REQUIRE(c->open());
  c->feed("PUB a b\n");
  CHECK(c->output() == "ERR INVALID\n");
  c->feed_byte_by_byte("HELLO dev ann secret\r\n");
  CHECK(c->output() == "OK dev\n");
  CHECK(c->client_id() == "dev");
  CHECK(c->username() == "ann");
  CHECK(c->password() == "secret");
  c->feed("SUB t/#\nPUB t/1 hello world\nPING\n");
  CHECK(c->output() == "OK \nOK \nPONG\n");
  CHECK(c->subscriptions().count("t/#") == 1);
  REQUIRE(e.host.published().size() == 1);
  CHECK(e.host.published()[0].topic == "t/1");
  CHECK(e.host.published()[0].payload == "hello world");
  CHECK(e.host.published()[0].qos == 1);
  CHECK(c->deliver({{"t/2", "x", 1}, {"t/3", "y"}}) == 2);
  CHECK(c->output() == "MSG t/2 x\nMSG t/3 y\n");
  CHECK(c->acknowledged().size() == 1);
  c->write_busy = true;
  CHECK(c->deliver({{"t/2", "x"}, {"t/3", "y"}}) == 1);
  c->feed("NONSENSE\n");
  CHECK(c->output() == "MSG t/2 x\nERR UNSUPPORTED\n");
  c->feed("BYE\n");
  CHECK(c->closed());
  CHECK(c->close_reason() == PATCHBAY_CLOSE_NORMAL);

  auto refused = e.host.protocol.connect();
  refused->next_reason = 0x87;
  refused->feed("HELLO x\n");
  CHECK(refused->output() == "ERR 135\n");
  CHECK(refused->closed());
  auto kicked = e.host.protocol.connect();
  kicked->kick();
  CHECK(kicked->output() == "BYE\n");
  CHECK(kicked->close_reason() == PATCHBAY_CLOSE_KICKED);
}

TEST_CASE("udp-sensor") {
  example e("udp-sensor");
  auto c = e.host.protocol.connect(PATCHBAY_TRANSPORT_UDP);
  c->feed("t17 21.5");
  CHECK(c->client_id() == "sensor-t17");
  REQUIRE(e.host.published().size() == 1);
  CHECK(e.host.published()[0].topic == "sensors/t17");
  CHECK(e.host.published()[0].payload == "21.5");
  CHECK(c->subscriptions().count("sensors/t17/set") == 1);
  c->feed("t17 22");
  CHECK(e.host.published().size() == 2);
  CHECK(c->deliver({{"sensors/t17/set", "interval=5", 1}}) == 1);
  CHECK(c->output() == "set interval=5");
  for (const char* bad : {"", "x", "other 1", "a/b 1", "# 1"}) c->feed(bad);
  CHECK(e.host.published().size() == 2);
  CHECK_FALSE(c->closed());
}

TEST_CASE("coroutine-auth") {
  const std::string path = temporary_path();
  std::ofstream(path) << "bob:b\nann:secret\n";
  example e("coroutine-auth", R"({"path": ")" + path + R"(", "delay_after_failure": "300ms"})");
  CHECK(e.host.authenticate({.username = ""}).continued());
  const auto ann = e.host.authenticate({.username = "ann", .password = "secret"});
  CHECK(ann.deferred());
  e.host.settle();
  REQUIRE(ann.allowed());
  CHECK(ann.grant().identity == "ann");
  const auto wrong = e.host.authenticate({.username = "ann", .password = "x"});
  e.host.advance(299ms);
  CHECK_FALSE(wrong.done());
  e.host.advance(1ms);
  CHECK(wrong.denied());
  CHECK(wrong.reason() == 0x86);
  ::unlink(path.c_str());
  const auto unreadable = e.host.authenticate({.username = "ann", .password = "secret"});
  e.host.settle();
  CHECK(unreadable.failed());
  CHECK(e.host.logged("can't read"));
}

TEST_CASE("coroutine-auth on bad days", "[chaos]") {
  const std::string path = temporary_path();
  std::ofstream(path) << "ann:secret\n";
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    example e("coroutine-auth", R"({"path": ")" + path + R"("})");
    patchbay::testing::chaos day(e.host, seed);
    const auto answers = day.run(50, [](fake_host& host, std::size_t i) {
      return host.authenticate(
          {.client_id = "c" + std::to_string(i), .username = "ann", .password = i % 2 == 0 ? "secret" : "x"});
    });
    for (std::size_t i = 0; i < answers.size(); ++i) {
      CHECK(answers[i].done());
      if (i % 2 == 1) CHECK_FALSE(answers[i].allowed());
    }
  }
  ::unlink(path.c_str());
}

TEST_CASE("word-service and word-filter") {
  example user("word-filter");
  CHECK(user.host.publish({.topic = "t", .payload = "a bad word"}).continued());
  CHECK(user.host.health().first == PATCHBAY_BUSY);
  example provider("word-service", R"({"words": ["bad"]})");
  user.host.services.adopt(provider.host.services);
  CHECK(user.host.health().first == PATCHBAY_OK);
  const auto refused = user.host.publish({.topic = "t", .payload = "a bad word"});
  CHECK(refused.denied());
  CHECK(refused.reason() == 0x99);
  CHECK(user.host.publish({.topic = "t", .payload = "a good word"}).continued());
  CHECK(provider.host.leaks().count("users of its services") == 1);
  provider.host.stop();
  CHECK(user.host.publish({.topic = "t", .payload = "a bad word"}).continued());
}

TEST_CASE("rest-counters") {
  example e("rest-counters");
  for (const char* topic : {"a/1", "a/2", "b", "q\"/x"}) e.host.publish({.topic = topic});
  const auto counts = e.host.request({.path = "/counts"});
  CHECK(counts->http_status == 200);
  CHECK(counts->body == R"({"a": 2, "b": 1, "q\"": 1})");
  CHECK(e.host.store.metric("messages") == 4);
  CHECK(e.host.request({.method = "POST", .path = "/counts"})->http_status == 404);

  // A hot upgrade hands the counts over.
  const auto* state = e.host.get<patchbay_state>(PATCHBAY_STATE_1);
  REQUIRE(state != nullptr);
  patchbay::testing::text_writer handed;
  CHECK(state->export_state(e.host.plugin()->self, &handed.raw) == PATCHBAY_OK);
  CHECK(e.host.request({.method = "POST", .path = "/reset"})->http_status == 200);
  CHECK(e.host.request({.path = "/counts"})->body == "{}");
  CHECK(state->import_state(e.host.plugin()->self, patchbay::testing::raw_bytes(handed.value)) == PATCHBAY_OK);
  CHECK(e.host.request({.path = "/counts"})->body == R"({"a": 2, "b": 1, "q\"": 1})");
  CHECK(state->import_state(e.host.plugin()->self, patchbay::testing::raw_bytes("2 {}")) == PATCHBAY_UNSUPPORTED);
}

TEST_CASE("message-budget") {
  example e("message-budget", R"({"messages_per_minute": 2})");
  for (int minute = 0; minute < 2; ++minute) {
    CHECK(e.host.publish({.client_id = "a"}).continued());
    CHECK(e.host.publish({.client_id = "a"}).continued());
    CHECK(e.host.publish({.client_id = "a"}).reason() == 0x97);
    CHECK(e.host.publish({.client_id = "b"}).continued());
    e.host.advance(60s);
  }
}

TEST_CASE("every example exports one symbol, has its manifest in a section, and no unique symbols") {
  for (const char* name :
       {"no-root", "deny-by-ip", "payload-timestamp", "topic-rewrite", "batch-log", "line-gateway", "udp-sensor",
        "coroutine-auth", "word-service", "word-filter", "rest-counters", "message-budget"}) {
    INFO(name);
    const std::string out = temporary_path();
    const std::string command = "nm -D --defined-only '" + path_of(name) + "' | cut -c18- > " + out +
                                " && readelf -SW '" + path_of(name) + "' | grep -c patchbay.manifest >> " + out +
                                " && { readelf -sW --dyn-syms '" + path_of(name) + "' | grep -c UNIQUE >> " + out +
                                " || true; }";
    REQUIRE(std::system(command.c_str()) == 0);
    const std::string text = content_of(out);
    CHECK((text == "D patchbay_plugin_entry\n1\n0\n" || text == "R patchbay_plugin_entry\n1\n0\n"));
    ::unlink(out.c_str());
  }
}

TEST_CASE("rust-counter, where rustc is present") {
  if (::access(path_of("rust-counter").c_str(), R_OK) != 0) return;
  example e("rust-counter");
  e.host.publish({.topic = "a", .payload = "12345"});
  e.host.publish({.topic = "b", .payload = ""});
  CHECK(e.host.store.metric("messages") == 2);
  CHECK(e.host.store.metric("payload") == 5);
}
