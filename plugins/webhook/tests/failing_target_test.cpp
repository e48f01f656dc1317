// From the first failure on, before a target counts as down: what comes waits on the disk, and is not read back but for
// what the next try needs.
#include <catch2/catch.hpp>
#include <filesystem>

#include "fake_transport.h"
#include "target_sender.h"
#include "wire/support/temporary_folder.h"

using namespace patchbay::webhook;  // NOLINT: test
using patchbay::support::HttpError;
using patchbay::wire::TemporaryFolder;

namespace {

std::unique_ptr<Spool> spool_in(const std::string& path, uint64_t bytes_max = 1U << 20) {
  std::string reason;
  bool busy = false;
  auto out = Spool::open(path, {bytes_max, false}, reason, busy);
  REQUIRE(out);
  return out;
}

QueuedEvent numbered(int number, size_t bytes = 0) {
  return {*EventId::of("id" + std::to_string(number)), static_cast<uint64_t>(number), 0,
          std::to_string(number) + " " + std::string(bytes, 'x')};
}

QueueOptions batches_of(size_t batch_events_max) {
  QueueOptions out;
  out.lanes = 1;
  out.batch_events_max = batch_events_max;
  out.batch_wait_ms = 0;
  return out;
}

std::vector<int> take_done(EventQueue& queue) {
  std::vector<int> out;
  const Batch batch = queue.take(0, 1'000'000);
  for (const HeldEvent& each : batch) out.push_back(std::stoi(each.event.body));
  queue.done(batch);
  return out;
}

std::vector<int> from_to(int begin, int end) {
  std::vector<int> out;
  for (int i = begin; i < end; ++i) out.push_back(i);
  return out;
}

struct CountDowns final : SenderObserver {
  void sent(uint64_t events) override { arrived += events; }
  void request_failed() override {}
  void request_retried() override {}
  void down(const std::string&) override { ++downs; }
  void up() override {}
  uint64_t arrived = 0;
  int downs = 0;
};

/// A sender of one lane, with single events.
struct FailingLane {
  explicit FailingLane(const std::string& path, const QueueOptions& lanes = batches_of(1))
      : queue(lanes),
        sender(
            request(), sender_options(lanes), queue, transport, observer, [this] { return now; }, [] { return 1.0; }) {
    queue.attach(spool_in(path));
  }

  static SenderOptions sender_options(const QueueOptions& lanes) {
    SenderOptions out;
    out.in_flight_max = lanes.lanes;
    out.retry = {100, 1'000, 0};
    out.breaker = {3, 1'000, 4'000};
    return out;
  }
  static RequestOptions request() {
    RequestOptions out;
    out.url = "http://x.example/";
    out.http = std::make_shared<const patchbay::support::HttpOptions>();
    return out;
  }
  void push(int number) {
    queue.push(numbered(number), now.ms);
    queue.sync();
  }
  void advance(uint64_t by_ms) {
    now.ms += by_ms;
    sender.pump();
  }

  Now now{10'000, 1'700'000'000'000};
  FakeTransport transport;
  CountDowns observer;
  EventQueue queue;
  TargetSender sender;
};

/// Event 0 is answered with an error.
void answer_all_but_first(FakeTransport& transport) {
  for (size_t open = transport.open(); open > 0; --open)
    transport.answer(transport.bodies().front().starts_with("0 ") ? 500 : 200);
}

}  // namespace

TEST_CASE("queue: once the target fails, what comes goes to the disk behind memory, and a batch at most is read") {
  const TemporaryFolder folder;
  QueueOptions options = batches_of(4);
  options.batch_bytes_max = 300;  // of four
  EventQueue queue(options);
  queue.attach(spool_in(folder.path("s")));
  for (int i = 0; i < 6; ++i) queue.push(numbered(i), 0);
  queue.prefer_disk();
  for (int i = 6; i < 100; ++i) queue.push(numbered(i), 0);
  CHECK(queue.memory_events() == 6);
  CHECK(take_done(queue) == from_to(0, 4));
  CHECK(queue.memory_events() < 8);
  CHECK(take_done(queue) == from_to(4, 8));
  CHECK(take_done(queue) == from_to(8, 12));
  CHECK(queue.memory_events() < 8);
  queue.memory_will_do();
  CHECK(take_done(queue) == from_to(12, 16));
  CHECK(queue.memory_events() == 84);  // read ahead again
  std::vector<int> rest;
  for (auto some = take_done(queue); !some.empty(); some = take_done(queue))
    rest.insert(rest.end(), some.begin(), some.end());
  CHECK(rest == from_to(16, 100));
  queue.push(numbered(100), 0);
  CHECK(queue.memory_events() == 1);
  CHECK(queue.spool_bytes() == 0);
}

TEST_CASE("queue: behind what a lane that fails leaves in memory, the others' events are reached") {
  const TemporaryFolder folder;
  QueueOptions options = batches_of(1);
  options.lanes = 2;
  options.batch_bytes_max = 300;
  EventQueue queue(options);
  queue.attach(spool_in(folder.path("s")));
  const auto push = [&](int number, uint64_t key) {
    QueuedEvent event = numbered(number);
    event.order_key = key;
    queue.push(std::move(event), 0);
  };
  queue.prefer_disk();
  for (int i = 0; i < 50; ++i) push(i, 0);
  push(50, 1);
  Batch reached;
  int failures = 0;
  for (; reached.empty() && failures < 20; ++failures) {
    queue.prefer_disk();
    reached = queue.take(1, 1'000'000);
  }
  REQUIRE(reached.size() == 1);
  CHECK(reached.front().event.id.view() == "id50");
  CHECK(failures > 5);  // not all at once
  CHECK(queue.due_ms(0) == 0);
}

TEST_CASE("queue: a target that fails, without a spool: memory is what there is") {
  EventQueue queue(batches_of(4));
  queue.prefer_disk();
  for (int i = 0; i < 6; ++i) queue.push(numbered(i), 0);
  CHECK(take_done(queue) == from_to(0, 4));
  CHECK(take_done(queue) == from_to(4, 6));
}

TEST_CASE("sender: what comes after a first failure survives a crash, although the target doesn't count as down") {
  const TemporaryFolder folder;
  FailingLane f(folder.path("s"));
  f.push(0);
  f.advance(0);
  f.transport.fail(HttpError::connect);
  for (int i = 1; i < 10; ++i) f.push(i);
  f.advance(10);
  CHECK(f.observer.downs == 0);
  CHECK(f.queue.memory_events() == 1);
  std::filesystem::copy(folder.path("s"), folder.path("crash"), std::filesystem::copy_options::recursive);
  const auto left = spool_in(folder.path("crash"));
  for (int i = 1; i < 10; ++i) CHECK(std::stoi(left->read()->event.body) == i);
  f.advance(100);
  for (int i = 0; i < 10; ++i) {
    f.advance(0);
    REQUIRE(f.transport.open() == 1);
    CHECK(std::stoi(f.transport.answer(200)) == i);
  }
  f.push(10);
  CHECK(f.queue.spool_bytes() == 0);
}

TEST_CASE("sender: an event that is never taken holds up its lane only, also when all goes through the disk") {
  const TemporaryFolder folder;
  QueueOptions options = batches_of(1);
  options.lanes = 2;
  FailingLane f(folder.path("s"), options);
  for (int i = 0; i < 60; ++i) {
    QueuedEvent event = numbered(i);
    event.order_key = static_cast<uint64_t>(i % 2);
    f.queue.push(std::move(event), f.now.ms);
    f.advance(20);
    answer_all_but_first(f.transport);
  }
  for (int i = 0; i < 60; ++i) {
    f.advance(20);
    answer_all_but_first(f.transport);
    if (f.observer.arrived == 30) break;
  }
  CHECK(f.observer.arrived == 30);  // the odd ones
  CHECK(f.observer.downs == 0);
}

TEST_CASE("spool: what put_in_front() writes anew is a piece of what waits") {
  const TemporaryFolder folder;
  auto spool = spool_in(folder.path("s"), 1U << 30);
  for (int i = 1; i < 400; ++i) REQUIRE(spool->append(numbered(i, 10'000)) == Spool::Appended::yes);
  spool->flush();
  const QueuedEvent first = numbered(0, 10'000);
  REQUIRE(spool->put_in_front({&first}));
  uint64_t smallest = spool->bytes();
  for (const auto& each : std::filesystem::directory_iterator(folder.path("s")))
    if (each.path().extension() == ".events") smallest = std::min<uint64_t>(smallest, each.file_size());
  CHECK(spool->bytes() > 4'000'000);
  CHECK(smallest < 1'100'000);
  for (int i = 0; i < 400; ++i) REQUIRE(std::stoi(spool->read()->event.body) == i);
  CHECK_FALSE(spool->read());
}
