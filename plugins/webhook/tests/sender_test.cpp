#include "target_sender.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "fake_transport.h"
#include "signature.h"
#include "wire/support/temporary_folder.h"

using namespace patchbay::webhook;  // NOLINT: test
using patchbay::support::HttpError;
using patchbay::wire::TemporaryFolder;

namespace {

struct Recorder final : SenderObserver {
  uint64_t arrived = 0;
  int failures = 0;
  int retries = 0;
  int downs = 0;
  int ups = 0;
  std::string why;
  void sent(uint64_t events) override { arrived += events; }
  void request_failed() override { ++failures; }
  void request_retried() override { ++retries; }
  void down(const std::string& text) override {
    ++downs;
    why = text;
  }
  void up() override { ++ups; }
};

/// One target with a clock that the test moves.
struct Fixture {
  explicit Fixture(SenderOptions options = sender_options(), QueueOptions queue_options = one_lane())
      : queue(queue_options),
        sender(
            request_options(), options, queue, transport, recorder, [this] { return now; }, [] { return 1.0; }) {}

  static RequestOptions request_options() {
    RequestOptions out;
    out.url = "http://x.example/hook";
    out.headers = {"X-Own: yes"};
    out.signing_key = "key";
    out.http = std::make_shared<const patchbay::support::HttpOptions>();
    return out;
  }
  static SenderOptions sender_options() {
    SenderOptions out;
    out.in_flight_max = 1;
    out.retry = {100, 1'000, 0};
    out.breaker = {3, 1'000, 4'000};
    return out;
  }
  static QueueOptions one_lane() {
    QueueOptions out;
    out.lanes = 1;
    out.batch_wait_ms = 0;
    return out;
  }
  void push(int number, uint64_t key = 0) {
    queue.push({*EventId::of("id" + std::to_string(number)), now.unix_ms, key, std::to_string(number)}, now.ms);
  }
  void advance(uint64_t by_ms) {
    now.ms += by_ms;
    now.unix_ms += by_ms;
    sender.pump();
  }
  /// Moves the clock to when the sender has something to do.
  void advance_to_due() {
    const auto due = sender.next_due_ms();
    REQUIRE(due);
    advance(*due > now.ms ? *due - now.ms : 0);
  }

  Now now{10'000, 1'700'000'000'000};
  FakeTransport transport;
  Recorder recorder;
  EventQueue queue;
  TargetSender sender;
};

}  // namespace

TEST_CASE("sender: one after the other, and what has arrived is gone") {
  Fixture f;
  f.push(1);
  f.push(2);
  f.advance(0);
  REQUIRE(f.transport.bodies() == std::vector<std::string>{"1"});
  CHECK_FALSE(f.sender.next_due_ms());
  f.transport.answer(200);
  CHECK(f.sender.next_due_ms() == 0);
  f.advance(0);
  CHECK(f.transport.answer(204) == "2");
  CHECK(f.recorder.arrived == 2);
  CHECK(f.queue.empty());
  CHECK_FALSE(f.sender.next_due_ms());
}

TEST_CASE("sender: headers, id, time and signature of Standard Webhooks") {
  Fixture f;
  f.push(1);
  f.advance(0);
  const auto& request = f.transport.oldest();
  CHECK(request.method == "POST");
  CHECK(request.url == "http://x.example/hook");
  CHECK(request.headers ==
        std::vector<std::string>{"Content-Type: application/json", "webhook-id: id1", "webhook-timestamp: 1700000000",
                                 "webhook-signature: " + signature_of("key", "id1", 1'700'000'000, "1"), "X-Own: yes"});
}

TEST_CASE(
    "sender: an event with a route of its own goes there, with its header fields; one whose rule has gone does not") {
  RequestOptions options = Fixture::request_options();
  options.routes[5] = {"http://x.example/other", {"X-Own: other"}};
  const QueuedEvent own{*EventId::of("id1"), 0, 0, "1", 0};
  const QueuedEvent other{*EventId::of("id2"), 0, 0, "2", 5};
  const QueuedEvent gone{*EventId::of("id3"), 0, 0, "3", 6};
  CHECK(TargetSender::request_of(options, {&own}, 0).url == "http://x.example/hook");
  const auto request = TargetSender::request_of(options, {&other}, 0);
  CHECK(request.url == "http://x.example/other");
  CHECK(request.headers.back() == "X-Own: other");
  CHECK(TargetSender::request_of(options, {&gone}, 0).url == "http://x.example/hook");
}

TEST_CASE("sender: failures are tried again, later and later, with the same id, and nothing overtakes") {
  Fixture f;
  f.push(1);
  f.push(2);
  f.advance(0);
  f.transport.answer(500);
  CHECK(f.sender.next_due_ms() == f.now.ms + 100);  // jitter at its most
  f.advance(99);
  CHECK(f.transport.open() == 0);
  f.advance(1);
  CHECK(f.transport.oldest().headers[1] == "webhook-id: id1");
  CHECK(f.transport.fail(HttpError::timeout) == "1");
  CHECK(f.sender.next_due_ms() == f.now.ms + 200);
  f.advance(200);
  CHECK(f.transport.answer(200) == "1");
  f.advance(0);
  CHECK(f.transport.answer(200) == "2");
  CHECK(f.recorder.failures == 2);
  CHECK(f.recorder.retries == 2);
  CHECK(f.recorder.downs == 0);
}

TEST_CASE("sender: Retry-After counts where it is longer") {
  Fixture f;
  f.push(1);
  f.advance(0);
  f.transport.answer(429, std::chrono::seconds(7));
  CHECK(f.sender.next_due_ms() == f.now.ms + 7'000);
  f.advance(7'000);
  f.transport.answer(503, std::chrono::seconds(86'400));
  CHECK(f.sender.next_due_ms() == f.now.ms + 3'600'000);  // believed up to an hour
}

TEST_CASE("sender: the breaker opens, probes, opens for longer, and closes; an alarm says so") {
  Fixture f;
  for (int i = 1; i <= 3; ++i) f.push(i);
  f.advance(0);
  for (int i = 0; i < 3; ++i) {
    f.transport.fail(HttpError::connect);
    if (i < 2) f.advance_to_due();
  }
  CHECK(f.recorder.downs == 1);
  CHECK(f.recorder.why == "connect: no luck");
  CHECK_FALSE(f.sender.up());
  for (const uint64_t pause : {1'000, 2'000, 4'000, 4'000}) {
    CHECK(f.sender.next_due_ms() == f.now.ms + pause);
    f.advance(pause - 1);
    CHECK(f.transport.open() == 0);
    f.advance(1);
    CHECK(f.transport.open() == 1);
    CHECK_FALSE(f.sender.next_due_ms());
    f.transport.fail(HttpError::connect);
  }
  CHECK(f.recorder.downs == 1);
  f.advance(4'000);
  CHECK(f.transport.answer(200) == "1");
  CHECK(f.recorder.ups == 1);
  CHECK(f.sender.up());
  CHECK(f.sender.last_error().empty());
  f.advance(0);
  CHECK(f.transport.answer(200) == "2");
}

TEST_CASE("sender: only one probe, however many lanes there are") {
  SenderOptions options = Fixture::sender_options();
  options.in_flight_max = 4;
  QueueOptions queue = Fixture::one_lane();
  queue.lanes = 4;
  Fixture f(options, queue);
  for (int i = 0; i < 8; ++i) f.push(i, static_cast<uint64_t>(i));
  f.advance(0);
  CHECK(f.transport.open() == 4);
  for (int i = 0; i < 4; ++i) f.transport.fail(HttpError::connect);
  CHECK(f.recorder.downs == 1);
  f.advance(1'000);
  CHECK(f.transport.open() == 1);
  f.transport.answer(200);
  f.advance(0);
  CHECK(f.transport.open() == 4);
  for (int round = 0; round < 8; ++round) {
    if (f.transport.open() > 0) f.transport.answer(200);
    f.advance(0);
  }
  CHECK(f.recorder.arrived == 8);
}

TEST_CASE("sender: ten minutes away, then back: nothing is lost, and the order stays") {
  const TemporaryFolder folder;
  QueueOptions options = Fixture::one_lane();
  options.memory_bytes_max = 2'000;
  Fixture f(Fixture::sender_options(), options);
  std::string reason;
  bool busy = false;
  f.queue.attach(Spool::open(folder.path("s"), {1U << 20, false}, reason, busy));
  int pushed = 0;
  const uint64_t end = f.now.ms + 600'000;
  while (f.now.ms < end) {
    f.push(pushed++);
    f.advance(1'000);
    if (f.transport.open() > 0) f.transport.fail(HttpError::connect);
  }
  CHECK(f.recorder.downs == 1);
  CHECK(f.sender.oldest_unix_ms() == 1'700'000'000'000);
  f.advance(5'000);
  for (int expected = 0; expected < pushed; ++expected) {
    if (f.transport.open() == 0) f.advance_to_due();
    REQUIRE(f.transport.answer(200) == std::to_string(expected));
  }
  CHECK(f.recorder.arrived == static_cast<uint64_t>(pushed));
  CHECK(f.recorder.ups == 1);
  CHECK(f.queue.empty());
  CHECK(f.queue.spool_bytes() == 0);
}

TEST_CASE("sender: while a target is down nothing is in memory only, whatever has been read for a probe") {
  const TemporaryFolder folder;
  Fixture f;
  std::string reason;
  bool busy = false;
  f.queue.attach(Spool::open(folder.path("s"), {1U << 20, false}, reason, busy));
  for (int i = 0; i < 3; ++i) {
    f.push(i);
    f.advance(1'000);
    f.transport.fail(HttpError::connect);
  }
  CHECK(f.recorder.downs == 1);
  for (int i = 3; i < 20; ++i) {
    f.push(i);
    f.queue.sync();  // as Target::work() does between taking events over and sending
    f.advance(4'000);
    f.transport.fail(HttpError::connect);
  }
  // As after kill -9: only what is on the disk is left.
  std::filesystem::copy(folder.path("s"), folder.path("crash"), std::filesystem::copy_options::recursive);
  Fixture again;
  again.queue.attach(Spool::open(folder.path("crash"), {1U << 20, false}, reason, busy));
  for (int i = 0; i < 20; ++i) {
    again.advance(0);
    REQUIRE(again.transport.open() == 1);
    CHECK(again.transport.answer(200) == std::to_string(i));
  }
}

TEST_CASE("sender: what a target refuses for good is given up, and doesn't count as down") {
  Fixture f;
  for (int i = 1; i <= 5; ++i) f.push(i);
  for (int i = 1; i <= 5; ++i) {
    f.advance(0);
    CHECK(f.transport.answer(i % 2 == 0 ? 422 : 400) == std::to_string(i));
  }
  CHECK(f.sender.take_rejected() == 5);
  CHECK(f.recorder.downs == 0);
  CHECK(f.recorder.arrived == 0);
  CHECK(f.queue.empty());
}

TEST_CASE("sender: events that are too old are dropped before they are sent") {
  SenderOptions options = Fixture::sender_options();
  options.retry.max_age_ms = 1'000;
  Fixture f(options);
  f.push(1);
  f.advance(0);
  f.transport.answer(500);
  f.push(2);
  f.advance(500);
  f.push(3);
  f.transport.answer(500);
  f.advance(900);
  CHECK(f.transport.answer(200) == "3");
  CHECK(f.sender.take_expired() == 2);
  CHECK(f.queue.empty());
}

TEST_CASE("sender: at the end everything is on the disk, what is under way too") {
  const TemporaryFolder folder;
  std::string reason;
  bool busy = false;
  {
    Fixture f;
    f.queue.attach(Spool::open(folder.path("s"), {1U << 20, false}, reason, busy));
    for (int i = 0; i < 4; ++i) f.push(i);
    f.advance(0);
    CHECK(f.transport.open() == 1);
    f.sender.stop();
    CHECK(f.transport.open() == 0);
    CHECK(f.queue.memory_events() == 0);
  }
  Fixture f;
  f.queue.attach(Spool::open(folder.path("s"), {1U << 20, false}, reason, busy));
  for (int i = 0; i < 4; ++i) {
    f.advance(0);
    CHECK(f.transport.answer(200) == std::to_string(i));
  }
}
