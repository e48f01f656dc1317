#include <unistd.h>

#include <catch2/catch.hpp>
#include <patchbay/directory.hpp>
#include <patchbay/fd_watch.hpp>
#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/publisher.hpp>
#include <patchbay/routes.hpp>
#include <patchbay/services.hpp>
#include <patchbay/storage.hpp>
#include <patchbay/streams.hpp>
#include <patchbay/timers.hpp>
#include <patchbay/workers.hpp>

#include "patchbay/testing/fake_host.hpp"

// The layer's wrapper of each host interface, against the fake host.

namespace {

using namespace std::chrono_literals;
using patchbay::testing::fake_host;
using patchbay::testing::host_options;
using patchbay::testing::role_scope;

template <typename P>
struct running {
  explicit running(host_options options = {}) : host(std::move(options)) {
    const patchbay_status code = host.start(patchbay::entry_of<P>("{}"));
    INFO(host.errors());
    REQUIRE(code == PATCHBAY_OK);
  }
  ~running() {
    host.stop();
    host.destroy();
    CHECK(host.leaks().text() == "");
    for (const auto& each : host.violations()) FAIL_CHECK(each);
  }
  P& plugin() { return *static_cast<P*>(host.plugin()->self); }
  fake_host host;
};

struct bus_user final : patchbay::plugin<bus_user> {
  using plugin::plugin;
  void start() {
    wanted = patchbay::subscription(host(), "a/+", [this](message m) {
      if (m.payload_text() == "throw") throw std::runtime_error("no");
      seen.emplace_back(m.topic());
      kept = m.hold();
    });
  }
  void stop() {
    wanted.end();
    kept = {};
  }
  patchbay::publisher out{host()};
  patchbay::subscription wanted;
  std::vector<std::string> seen;
  patchbay::message_ref kept;
};

}  // namespace

TEST_CASE("publish and subscribe as the plugin") {
  running<bus_user> r;
  CHECK(r.plugin().out.publish("t", "p", 1, true) == PATCHBAY_OK);
  REQUIRE(r.host.published().size() == 1);
  CHECK(r.host.published()[0].topic == "t");
  CHECK(r.host.published()[0].qos == 1);
  CHECK(r.host.published()[0].retain);
  CHECK(r.plugin().out.publish("bad/#", "p") == PATCHBAY_INVALID);
  r.host.fail_after(1, PATCHBAY_BUSY);
  CHECK(r.plugin().out.publish("t", "p") == PATCHBAY_BUSY);
  CHECK(r.host.route("a/1", "x") == 1);
  CHECK(r.host.route("a/1/2", "x") == 0);
  CHECK(r.host.route("a/2", "throw") == 1);
  CHECK(r.plugin().seen == std::vector<std::string>{"a/1"});
  CHECK(r.plugin().kept.view().payload_text() == "x");  // a held message outlives its call
  CHECK(r.host.logged("callback threw: no"));
  CHECK(r.host.leaks().count("message references") == 1);
  r.plugin().wanted.end();
  CHECK(r.host.route("a/1", "x") == 0);
}

TEST_CASE("without the permission publishing is denied, and needing it fails") {
  fake_host host(host_options{.without = {PATCHBAY_PUBLISH_1, PATCHBAY_SUBSCRIBE_1}});
  CHECK(host.start(patchbay::entry_of<bus_user>("{}")) == PATCHBAY_DENIED);
  CHECK(host.errors().find(PATCHBAY_SUBSCRIBE_1) != std::string::npos);
}

TEST_CASE("messages: fields, properties, adopted payloads") {
  struct builder final : patchbay::plugin<builder> {
    using plugin::plugin;
  };
  running<builder> r;
  const auto host = r.plugin().host();
  {
    const auto first = patchbay::message_builder(host)
                           .topic("t")
                           .payload_adopt(std::string(1000, 'x'))
                           .qos(2)
                           .expiry_s(60)
                           .content_type("text/plain")
                           .response_topic("r")
                           .correlation_data(patchbay::as_bytes("c"))
                           .payload_is_utf8(true)
                           .user_property("a", "1")
                           .user_property("a", "2")
                           .build();
    REQUIRE(first);
    const auto m = first.view();
    CHECK(m.topic() == "t");
    CHECK(m.payload().size() == 1000);
    CHECK(m.qos() == 2);
    CHECK(m.user_property("a") == "1");
    CHECK(m.user_property("b").empty());
    std::vector<std::uint32_t> ids;
    m.each_property([&](const patchbay_property& p) { ids.push_back(p.id); });
    CHECK(ids == std::vector<std::uint32_t>{0x03, 0x08, 0x09, 0x26, 0x26});
    CHECK(m.view().message_expiry_interval_s == 60);  // in the view alone, as the real host has it
    CHECK(r.host.leaks().count("adopted payloads") == 1);
    const auto second = patchbay::message_builder(m).no_user_properties().payload("y").build();
    CHECK(second.view().user_property("a").empty());
    CHECK(second.view().payload_text() == "y");
    const patchbay::message_ref copy = second;
    CHECK(copy.get() == second.get());
    CHECK(r.host.leaks().count("message references") == 3);
  }
  CHECK(r.host.leaks().none());
  r.host.fail_after(0, PATCHBAY_NOMEM);
  CHECK_FALSE(patchbay::message_builder(host).topic("t").payload_adopt("x").build());
  CHECK_FALSE(patchbay::message_builder(host).payload("no topic").build());
}

TEST_CASE("timers") {
  struct timed final : patchbay::plugin<timed> {
    using plugin::plugin;
    void start() {
      once = patchbay::timer(*this, 100ms, 0ms, [this] { ++ran_once; });
      often = patchbay::timer(*this, 50ms, 20ms, [this] {
        ++ran_often;
        throw std::runtime_error("often");
      });
    }
    void stop() { often.cancel(); }
    patchbay::timer once, often;
    int ran_once = 0, ran_often = 0;
  };
  running<timed> r;
  r.host.advance(49ms);
  CHECK(r.plugin().ran_often == 0);
  r.host.advance(61ms);
  CHECK(r.plugin().ran_often == 4);
  CHECK(r.plugin().ran_once == 1);
  CHECK(r.host.logged("timer's function threw: often"));
  {
    const role_scope shard(PATCHBAY_THREAD_SHARD, 1);
    int ran = 0;
    auto mine = patchbay::timer(r.plugin(), 10ms, 0ms, [&] { ++ran; });
    mine.cancel();
    r.host.advance(20ms);
    CHECK(ran == 0);
  }
  r.host.fail_after(0, PATCHBAY_BUSY);
  CHECK_THROWS_AS(patchbay::timer(r.plugin(), 1ms, 0ms, [] {}), patchbay::error);
}

TEST_CASE("workers, shards, threads") {
  struct working final : patchbay::plugin<working> {
    using plugin::plugin;
    void start() {
      background = patchbay::thread(host(), "background", [this](const patchbay::thread::stop_flag& stop) {
        while (!stop.requested()) ++turns;
      });
    }
    void stop() { background.join(); }
    patchbay::workers elsewhere{host()};
    patchbay::thread background;
    std::atomic<std::uint64_t> turns{0};
  };
  running<working> r;
  std::vector<std::string> order;
  auto& w = r.plugin().elsewhere;
  CHECK(w.run([&] {
    order.push_back("worker " + std::to_string(patchbay::testing::current_role.kind));
    CHECK(w.post(1, [&] { order.push_back("shard " + std::to_string(r.plugin().host().shard_index())); }) ==
          PATCHBAY_OK);
  }) == PATCHBAY_OK);
  CHECK(w.post(99, [] {}) == PATCHBAY_INVALID);
  CHECK(w.run([] { throw 1; }) == PATCHBAY_OK);
  r.host.settle();
  CHECK(order == std::vector<std::string>{"worker 3", "shard 1"});
  CHECK(r.host.logged("work threw"));
  while (r.plugin().turns == 0) std::this_thread::yield();
  CHECK(r.host.leaks().count("threads") == 1);
}

TEST_CASE("a descriptor is watched on a shard, and closed there") {
  struct watching final : patchbay::plugin<watching> {
    using plugin::plugin;
    const patchbay_fd* table = patchbay::fd_watch::table_of(host());
  };
  running<watching> r;
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  int called = 0;
  bool closed = false;
  patchbay::fd_watch watch(r.plugin().host(), r.plugin().table, 0, ends[0], PATCHBAY_FD_READ,
                           [&](std::uint32_t events) {
                             CHECK(events == PATCHBAY_FD_READ);
                             ++called;
                           });
  CHECK(r.host.fds.poll_now() == 0);
  REQUIRE(::write(ends[1], "x", 1) == 1);
  CHECK(r.host.fds.poll_now() == 1);
  CHECK(watch.change(0) == PATCHBAY_OK);
  CHECK(r.host.fds.poll_now() == 0);
  watch.end([&] {
    closed = true;
    ::close(ends[0]);
  });
  CHECK(called == 1);
  CHECK(closed);
  CHECK_THROWS_AS(
      patchbay::fd_watch(r.plugin().host(), r.plugin().table, 0, -1, PATCHBAY_FD_READ, [](std::uint32_t) {}),
      patchbay::error);
  ::close(ends[1]);
}

TEST_CASE("key-value store and secrets, where blocking is allowed") {
  struct storing final : patchbay::plugin<storing> {
    using plugin::plugin;
    void start() {
      secrets_.with("${env:KEY}", [this](std::string_view value) { length = value.size(); });
      CHECK(kv.put("a/1", "x") == PATCHBAY_OK);
      CHECK(kv.put("a/2", "y") == PATCHBAY_OK);
      CHECK(kv.put("b", std::string(70'000, 'x')) == PATCHBAY_TOO_LARGE);
      CHECK(kv.get("a/1") == "x");
      CHECK_FALSE(kv.get("none"));
      kv.scan("a/", [this](std::string_view key, std::string_view) { return keys.emplace_back(key), keys.size() < 5; });
      CHECK(kv.remove("a/1") == PATCHBAY_OK);
      CHECK(kv.remove("a/1") == PATCHBAY_NOT_FOUND);
    }
    patchbay::key_value_store kv{host()};
    patchbay::secrets secrets_{host()};
    std::size_t length = 0;
    std::vector<std::string> keys;
  };
  fake_host host;
  host.store.secrets["${env:KEY}"] = "hush";
  REQUIRE(host.start(patchbay::entry_of<storing>("{}")) == PATCHBAY_OK);
  auto& plugin = *static_cast<storing*>(host.plugin()->self);
  CHECK(plugin.length == 4);
  CHECK(plugin.keys == std::vector<std::string>{"a/1", "a/2"});
  const role_scope shard(PATCHBAY_THREAD_SHARD, 0);
  CHECK(plugin.kv.put("x", "y") == PATCHBAY_WRONG_THREAD);
  CHECK(host.violations().size() == 1);
}

TEST_CASE("metrics, alarms, routes") {
  struct serving final : patchbay::plugin<serving> {
    using plugin::plugin;
    void start() {
      rest.add("GET", "/items/{id}", [this](const patchbay::request& r) {
        calls.add(2);
        if (r.parameter("id") == "later") return waiting = r.number(), patchbay::reply::later();
        if (r.parameter("id") == "throw") throw std::runtime_error("bad");
        return patchbay::reply::json(patchbay::json::quoted(r.parameter("id")));
      });
      CHECK_THROWS_AS(rest.add("GET", "/items/{id}", [](const patchbay::request&) { return patchbay::reply(); }),
                      patchbay::error);
    }
    patchbay::counter calls{host(), "calls", "Calls.", {{"route", "items"}}};
    patchbay::gauge level{host(), "level", "A level."};
    patchbay::alarms alarm{host()};
    patchbay::routes rest{host()};
    std::uint64_t waiting = 0;
  };
  running<serving> r;
  CHECK(r.host.request({.path = "/items/a", .parameters = {{"id", "a\"b"}}})->body == "\"a\\\"b\"");
  CHECK(r.host.request({.path = "/items/a", .parameters = {{"id", "throw"}}})->http_status == 500);
  const auto later = r.host.request({.path = "/items/x", .parameters = {{"id", "later"}}});
  CHECK(later->http_status == 0);
  CHECK(r.plugin().rest.respond(r.plugin().waiting, patchbay::reply::json("{}", 201)) == PATCHBAY_OK);
  CHECK(later->http_status == 201);
  CHECK(r.plugin().rest.respond(r.plugin().waiting, patchbay::reply::json("{}")) == PATCHBAY_STALE);
  CHECK(r.host.request({.path = "/items"})->http_status == 404);
  CHECK(r.host.store.metric("calls{route=\"items\"}") == 6);
  r.plugin().level.set(-5);
  CHECK(r.host.store.metric("level") == -5);
  r.plugin().alarm.raise("down", "the back end is away");
  CHECK(r.host.store.alarms.at("down") == "the back end is away");
  r.plugin().alarm.clear("down");
  CHECK(r.host.store.alarms.empty());
}

TEST_CASE("clients and retained messages are looked up on workers") {
  struct asking final : patchbay::plugin<asking> {
    using plugin::plugin;
    patchbay::client_directory clients{host()};
    patchbay::retained_messages retained{host()};
  };
  running<asking> r;
  for (const char* id : {"a", "b", "c"}) r.host.client(id);
  std::vector<std::string> seen;
  std::uint64_t next = 0;
  const auto show = [&](patchbay::status code, std::vector<patchbay::client> page, std::uint64_t cursor) {
    CHECK(code == PATCHBAY_OK);
    for (const auto& each : page) seen.emplace_back(each.id());
    next = cursor;
  };
  auto& plugin = r.plugin();
  CHECK(plugin.clients.page(0, 2, show) == PATCHBAY_OK);
  CHECK(seen.empty());
  r.host.settle();
  CHECK(next != 0);
  CHECK(plugin.clients.page(next, 2, show) == PATCHBAY_OK);
  r.host.settle();
  CHECK(seen == std::vector<std::string>{"a", "b", "c"});
  CHECK(next == 0);
  patchbay::status found = PATCHBAY_OK;
  plugin.clients.find("nobody", [&](patchbay::status code, auto, auto) { found = code; });
  r.host.settle();
  CHECK(found == PATCHBAY_NOT_FOUND);
  CHECK(plugin.clients.disconnect("a") == PATCHBAY_OK);
  CHECK(r.host.all_clients.disconnects().at(0).reason == 0x98);
  CHECK(plugin.clients.set_attribute("a", "tenant", "t1") == PATCHBAY_OK);
  CHECK(r.host.client("a")->fields.attributes.at("tenant") == "t1");
  CHECK(plugin.clients.invalidate_acl("a") == PATCHBAY_OK);

  r.host.bus.record({"x/1", "1", 0, true});
  r.host.bus.record({"x/2", "2", 0, true});
  std::vector<std::string> topics;
  plugin.retained.match("x/+", 0, 10, [&](patchbay::status, std::vector<patchbay::message> page, std::uint64_t) {
    for (const auto& each : page) topics.emplace_back(each.topic());
  });
  plugin.retained.find("x/2", [&](patchbay::status, std::vector<patchbay::message> page, std::uint64_t) {
    for (const auto& each : page) topics.emplace_back(each.payload_text());
  });
  r.host.settle();
  CHECK(topics == std::vector<std::string>{"x/1", "x/2", "2"});
  CHECK(plugin.retained.remove("x/2") == PATCHBAY_OK);
  CHECK(r.host.bus.retained_messages.size() == 1);
}

namespace {

struct outgoing final : patchbay::stream<outgoing> {
  outgoing(patchbay::host of, const patchbay_transport* table, std::string* ended) : stream(of, table), ended_(ended) {}
  void on_connected() { write("hello ", "there"); }
  std::size_t on_bytes(patchbay::bytes in, std::size_t&) {
    const auto text = patchbay::as_text(in);
    if (text == "throw") throw std::runtime_error("bad bytes");
    if (text.size() < 3) return 0;
    write("got ", text);
    return text.size();
  }
  void on_closed(std::string_view why) {
    *ended_ = std::string(why);
    delete this;
  }

 private:
  std::string* ended_;
};

}  // namespace

TEST_CASE("outgoing connections") {
  struct calling final : patchbay::plugin<calling> {
    using plugin::plugin;
    const patchbay_transport* table = outgoing::table_of(host());
  };
  running<calling> r;
  const auto open = [&](std::string* ended) {
    patchbay_stream_target target{};
    target.transport = PATCHBAY_TRANSPORT_TCP;
    target.host = patchbay::raw_text("backend");
    target.port = 5432;
    auto made = std::make_unique<outgoing>(r.plugin().host(), r.plugin().table, ended);
    const auto code = made->open(0, target);
    if (code == PATCHBAY_OK) static_cast<void>(made.release());
    return code;
  };
  std::string ended;
  CHECK(open(&ended) == PATCHBAY_OK);
  auto& stream = *r.host.outgoing.all().at(0);
  CHECK(stream.host == "backend");
  stream.accept();
  CHECK(stream.output() == "hello there");
  stream.feed("ab");
  stream.feed("c");
  CHECK(stream.output() == "got abc");
  stream.feed("throw");
  CHECK(ended == "closed by the plugin");
  CHECK(r.host.logged("it threw: bad bytes"));
  CHECK(open(&ended) == PATCHBAY_OK);
  r.host.outgoing.all().at(1)->close("refused");
  CHECK(ended == "refused");
  r.host.fail_after(0, PATCHBAY_BUSY);
  CHECK(open(&ended) == PATCHBAY_BUSY);
}

TEST_CASE("state, migration, health and interfaces of a plugin's own") {
  struct rich final : patchbay::plugin<rich> {
    using plugin::plugin;
    status export_state(patchbay::writer out) { return out.write("1 state"); }
    status import_state(bytes in) {
      return patchbay::as_text(in).starts_with("1 ") ? PATCHBAY_OK : PATCHBAY_UNSUPPORTED;
    }
    status migrate(std::uint32_t from, std::string_view json, patchbay::writer out, patchbay::error_list& errors) {
      if (from != 1) return errors.add("", "only version 1 is known"), PATCHBAY_INVALID;
      return out.write(std::string(json) + " 2");
    }
    patchbay::health_report health() {
      if (broken) throw std::runtime_error("can't say");
      return patchbay::health_report::connecting("to nowhere");
    }
    const void* extension(const char* id) { return std::string_view(id) == "com.example.own/1" ? &broken : nullptr; }
    bool broken = false;
  };
  running<rich> r;
  void* const self = r.host.plugin()->self;
  patchbay::testing::text_writer out, errors;
  CHECK(r.host.get<patchbay_state>(PATCHBAY_STATE_1)->export_state(self, &out.raw) == PATCHBAY_OK);
  CHECK(out.value == "1 state");
  CHECK(r.host.get<patchbay_state>(PATCHBAY_STATE_1)->import_state(self, patchbay::testing::raw_bytes("9")) ==
        PATCHBAY_UNSUPPORTED);
  const auto* migrate = r.host.get<patchbay_migrate>(PATCHBAY_MIGRATE_1);
  CHECK(migrate->migrate(self, 1, patchbay::testing::str("{}"), &out.raw, &errors.raw) == PATCHBAY_OK);
  CHECK(out.value == "1 state{} 2");
  CHECK(migrate->migrate(self, 7, patchbay::testing::str("{}"), &out.raw, &errors.raw) == PATCHBAY_INVALID);
  CHECK(errors.value == ": only version 1 is known\n");
  CHECK(r.host.health() == std::pair<patchbay_status, std::string>{PATCHBAY_BUSY, "to nowhere"});
  r.plugin().broken = true;
  CHECK(r.host.health() == std::pair<patchbay_status, std::string>{PATCHBAY_FAILED, "can't say"});
  CHECK(r.host.get<void>("com.example.own/1") == &r.plugin().broken);
  CHECK(r.host.get<void>("com.example.other/1") == nullptr);
}

TEST_CASE("a constructor, start or stop that throws stays inside") {
  struct throwing final : patchbay::plugin<throwing> {
    explicit throwing(patchbay::host of) : plugin(of) { throw std::runtime_error("at birth"); }
  };
  struct failing final : patchbay::plugin<failing> {
    using plugin::plugin;
    void start() { throw std::runtime_error("no start"); }
    void stop() { throw std::runtime_error("no stop"); }
  };
  fake_host host;
  CHECK(host.start(patchbay::entry_of<throwing>("{}")) == PATCHBAY_FAILED);
  CHECK(host.logged("create threw: at birth"));
  CHECK(host.start(patchbay::entry_of<failing>("{}")) == PATCHBAY_FAILED);
  CHECK(host.errors() == "no start");
  host.stop();
  CHECK(host.logged("stop threw: no stop"));
}
