#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <patchbay/plugin.hpp>
#include <string>
#include <thread>
#include <vector>

#include "patchbay/testing/fake_host.hpp"

// The fake host finds what it is for: leaks, kept views, broken rules, faults to order. Each mistake here is one that
// an author makes.

namespace {

using namespace std::chrono_literals;
using patchbay::testing::fake_host;
using patchbay::testing::host_options;
using patchbay::testing::topic_matches;
using patchbay::testing::views;

/// Makes one mistake for each user name.
struct careless final : patchbay::plugin<careless> {
  using plugin::plugin;
  verdict on_authenticate(auth_request a) {
    const std::string what(a.username());
    const patchbay_host* h = host().raw();
    if (what == "keep view") kept = a->username;
    if (what == "lose handle") answer().allow(patchbay::grant().identity("x"));
    if (what == "use kept") return verdict::allow(static_cast<unsigned char>(kept.ptr[0]));
    if (what == "defer") return token = a.token(), verdict::defer();
    if (what == "twice") {
      h->complete(h, a.token(), &verdict::allow().raw());
      return verdict::deny();
    }
    if (what == "complete early") {
      CHECK(h->complete(h, a.token(), &verdict::allow().raw()) == PATCHBAY_OK);
      return verdict::defer();
    }
    if (what == "foreign handle") return verdict::with(PATCHBAY_ALLOW, 424242);
    if (what == "block") return patchbay::host(h).get<void>(PATCHBAY_KV_1), verdict::cont();
    if (what == "wrong verdict") return verdict(patchbay_verdict{77, 0, 0, 0, 0});
    return verdict::cont();
  }
  verdict on_publish(message m) {
    if (m.payload_text() == "hold") held = m.hold().release();
    if (m.payload_text() == "unref") m.raw_host()->message_unref(m.raw_host(), m.raw());
    return {};
  }
  patchbay_str kept{};
  patchbay_token token{};
  const patchbay_message* held = nullptr;
};

careless& object_of(fake_host& host) {
  return *static_cast<careless*>(host.plugin()->self);
}

struct started {
  explicit started(host_options options = {}) : host(std::move(options)) {
    REQUIRE(host.start(patchbay::entry_of<careless>("{}")) == PATCHBAY_OK);
  }
  std::string violation_after(const char* username) {
    host.authenticate({.username = username});
    return host.violations().empty() ? "" : host.violations().back();
  }
  fake_host host;
};

}  // namespace

TEST_CASE("a kept view is overwritten, or its memory is gone") {
  {
    started s(host_options{.views = views::poison});
    s.host.authenticate({.username = "keep view"});
    CHECK(s.host.authenticate({.username = "use kept"}).number() == 0xDD);
  }
  started s(host_options{.views = views::fence});
  s.host.authenticate({.username = "keep view"});
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGSEGV, SIG_DFL);
    s.host.authenticate({.username = "use kept"});
    ::_exit(0);
  }
  int result = 0;
  REQUIRE(::waitpid(child, &result, 0) == child);
  CHECK((WIFSIGNALED(result) || WEXITSTATUS(result) != 0));
}

TEST_CASE("leaks are named: messages, handles, tokens") {
  started s;
  s.host.publish({.payload = "hold"});
  s.host.authenticate({.username = "lose handle"});
  const auto open = s.host.authenticate({.username = "defer"});
  CHECK(s.host.leaks().text() == "1 message references, 1 answer handles, 1 open tokens");
  CHECK(s.host.leaks().count("answer handles") == 1);
  const auto* h = object_of(s.host).host().raw();
  CHECK(h->complete(h, object_of(s.host).token, &patchbay::verdict::allow().raw()) == PATCHBAY_OK);
  CHECK(open.allowed());
  h->message_unref(h, object_of(s.host).held);
  s.host.stop();
  CHECK(s.host.leaks().text() == "1 answer handles");
}

TEST_CASE("answers: early, twice, stale, of nobody's") {
  started s;
  const auto early = s.host.authenticate({.username = "complete early"});
  CHECK(early.allowed());
  CHECK(early.deferred());
  CHECK(s.host.violations().empty());
  CHECK(s.violation_after("twice").find("answered by the call as well") != std::string::npos);
  CHECK(s.violation_after("foreign handle").find("no handle") != std::string::npos);
  CHECK(s.violation_after("wrong verdict").find("unknown verdict") != std::string::npos);

  const auto late = s.host.authenticate({.username = "defer"});
  s.host.advance(5s);
  CHECK(late.fell_back());
  CHECK(late.denied());
  const auto* h = object_of(s.host).host().raw();
  CHECK(h->complete(h, object_of(s.host).token, &patchbay::verdict::allow().raw()) == PATCHBAY_STALE);
  CHECK(s.host.points.stale_completions == 1);
  CHECK(late.denied());
}

TEST_CASE("rules of threads and counts are watched") {
  started s;
  CHECK(s.violation_after("block") == "get called on a shard");
  s.host.publish({.payload = "unref"});
  CHECK(s.host.violations().back().find("has no share") != std::string::npos);
  patchbay_hook hook{};
  hook.size = sizeof hook;
  CHECK(s.host.shared.table.add_hook(&s.host.shared.table, &hook) == PATCHBAY_INVALID);
  CHECK(s.host.violations().back() == "add_hook outside start()");
}

TEST_CASE("threads of the plugin call the host at once") {
  started s;
  const patchbay_host* const h = &s.host.shared.table;
  const auto* const clients = static_cast<const patchbay_clients*>(s.host.shared.interfaces.at(PATCHBAY_CLIENTS_1));
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kCalls = 500;
  std::vector<std::thread> threads;
  for (std::size_t number = 0; number < kThreads; ++number) {
    threads.emplace_back([&] {
      const std::string long_enough(100, 'x');
      for (std::size_t call = 0; call < kCalls; ++call) {
        clients->invalidate_acl(h, patchbay::testing::str(long_enough), patchbay::testing::str("ann"));
        clients->disconnect(h, patchbay::testing::str(long_enough), 0x98);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(s.host.all_clients.invalidated().size() == kThreads * kCalls);
  CHECK(s.host.all_clients.disconnects().size() == kThreads * kCalls);
}

TEST_CASE("fallbacks are the hook's own, or the table's") {
  struct waiting final : patchbay::plugin<waiting> {
    using plugin::plugin;
    verdict on_session_open(patchbay::session_request) { return verdict::defer(); }
    verdict on_publish(message) { return verdict::hold_ack(); }
    void tune(patchbay::hook_options& o) {
      if (o.name() == "publish.accept") o.fallback = PATCHBAY_FALLBACK_ALLOW, o.deadline = 100ms;
    }
  };
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<waiting>("{}")) == PATCHBAY_OK);
  const auto session = host.call(PATCHBAY_HOOK_session_open, patchbay_session_open_event{});
  const auto publish = host.publish({.topic = "t"});
  CHECK(publish.hold_ack());
  host.advance(100ms);
  CHECK(publish.allowed());
  CHECK_FALSE(session.done());
  host.advance(1900ms);
  CHECK(session.continued());
}

TEST_CASE("hooks are called only between start and drain") {
  started s;
  s.host.drain();
  CHECK_FALSE(s.host.authenticate({.username = "x"}).done());
  s.host.stop();
  s.host.destroy();
  CHECK(s.host.plugin() == nullptr);
  REQUIRE(s.host.start(patchbay::entry_of<careless>("{}")) == PATCHBAY_OK);  // and again
  CHECK(s.host.authenticate({.username = "x"}).continued());
}

TEST_CASE("hosts that are older: smaller tables, fewer interfaces") {
  started s(host_options{
      .abi_minor = 0, .table_size = offsetof(patchbay_host, instance_name), .without = {PATCHBAY_TIMER_1}});
  CHECK(s.host.shared.table.size < sizeof(patchbay_host));
  CHECK(s.host.authenticate({.username = "x"}).continued());
}

TEST_CASE("topic filters of the fake host [MQTT-4.7.1-2] [MQTT-4.7.2-1]") {
  CHECK(topic_matches("a/b", "a/b"));
  CHECK(topic_matches("a/+", "a/b"));
  CHECK(topic_matches("a/#", "a"));
  CHECK(topic_matches("a/#", "a/b/c"));
  CHECK(topic_matches("#", "a/b"));
  CHECK(topic_matches("+/+", "/x"));
  CHECK(topic_matches("$share/g/a/+", "a/b"));
  CHECK_FALSE(topic_matches("a/+", "a/b/c"));
  CHECK_FALSE(topic_matches("a/b", "a"));
  CHECK_FALSE(topic_matches("a/+", "a"));
  CHECK_FALSE(topic_matches("#", "$SYS/x"));
  CHECK_FALSE(topic_matches("+/x", "$SYS/x"));
}

TEST_CASE("a file that is no plugin is refused with a sentence") {
  CHECK_THROWS_WITH(patchbay::testing::plugin_file("/nowhere.so"), Catch::Contains("/nowhere.so"));
  CHECK_THROWS_WITH(patchbay::testing::plugin_file("libm.so.6"), Catch::Contains("exports no patchbay_plugin_entry"));
}
