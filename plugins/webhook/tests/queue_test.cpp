#include <catch2/catch.hpp>

#include "event_queue.h"
#include "intake.h"
#include "wire/support/temporary_folder.h"

using namespace patchbay::webhook;  // NOLINT: test
using patchbay::wire::TemporaryFolder;

namespace {

QueuedEvent event_of(int number, uint64_t key = 0, size_t bytes = 100) {
  return {*EventId::of("id" + std::to_string(number)), static_cast<uint64_t>(number), key,
          std::to_string(number) + ":" + std::string(bytes, 'x')};
}

std::unique_ptr<Spool> spool_of(const std::string& path, uint64_t bytes_max = 1U << 20) {
  std::string reason;
  bool busy = false;
  auto out = Spool::open(path, {bytes_max, false}, reason, busy);
  REQUIRE(out);
  return out;
}

std::vector<int> numbers(const Batch& batch) {
  std::vector<int> out;
  for (const auto& each : batch) out.push_back(std::stoi(each.event.body));
  return out;
}

/// Everything that lane 0 gives, done with at once.
std::vector<int> drain(EventQueue& queue) {
  std::vector<int> out;
  for (Batch batch = queue.take(0, 1'000'000); !batch.empty(); batch = queue.take(0, 1'000'000)) {
    const auto some = numbers(batch);
    out.insert(out.end(), some.begin(), some.end());
    queue.done(batch);
  }
  return out;
}

std::vector<int> range(int begin, int end) {
  std::vector<int> out;
  for (int i = begin; i < end; ++i) out.push_back(i);
  return out;
}

QueueOptions options_of(uint64_t memory_bytes_max, size_t batch_events_max = 10) {
  QueueOptions out;
  out.memory_bytes_max = memory_bytes_max;
  out.lanes = 1;
  out.batch_events_max = batch_events_max;
  return out;
}

uint64_t dropped(EventQueue& queue, DropReason reason) {
  return queue.take_drops()[static_cast<size_t>(reason)];
}

}  // namespace

TEST_CASE("queue: a batch is due when it is full, or its first event has waited") {
  EventQueue queue(options_of(1U << 20, 3));
  queue.push(event_of(0), 1'000);
  queue.push(event_of(1), 1'050);
  CHECK(queue.take(0, 1'099).empty());
  CHECK(queue.due_ms(0) == 1'100);
  CHECK(numbers(queue.take(0, 1'100)) == range(0, 2));
  CHECK_FALSE(queue.due_ms(0));
  for (int i = 0; i < 4; ++i) queue.push(event_of(i), 2'000);
  CHECK(queue.due_ms(0) == 0);
  CHECK(numbers(queue.take(0, 2'000)) == range(0, 3));
  CHECK(queue.take(0, 2'000).empty());
}

TEST_CASE("queue: a batch ends where the next event goes elsewhere, and the order stays") {
  EventQueue queue(options_of(1U << 20));
  for (int i = 0; i < 6; ++i) {
    QueuedEvent event = event_of(i);
    event.route = i == 2 || i == 3 ? 9 : 0;
    queue.push(std::move(event), 1'000);
  }
  CHECK(numbers(queue.take(0, 2'000)) == range(0, 2));
  const Batch elsewhere = queue.take(0, 2'000);
  CHECK(numbers(elsewhere) == range(2, 4));
  CHECK(elsewhere.front().event.route == 9);
  CHECK(numbers(queue.take(0, 2'000)) == range(4, 6));
}

TEST_CASE("queue: bytes end a batch too, but one event always goes") {
  QueueOptions options = options_of(1U << 20, 100);
  options.batch_bytes_max = 500;
  EventQueue queue(options);
  queue.push(event_of(0, 0, 5'000), 0);
  queue.push(event_of(1), 0);
  queue.push(event_of(2), 0);
  queue.push(event_of(3), 0);
  CHECK(numbers(queue.take(0, 1'000)) == range(0, 1));
  CHECK(numbers(queue.take(0, 1'000)) == range(1, 3));
  CHECK(numbers(queue.take(0, 1'000)) == range(3, 4));
}

TEST_CASE("queue: with order the events of a key are in one lane; without, one lane serves all") {
  QueueOptions options = options_of(1U << 20, 100);
  options.lanes = 3;
  EventQueue ordered(options);
  for (int i = 0; i < 9; ++i) ordered.push(event_of(i, static_cast<uint64_t>(i % 3)), 0);
  CHECK(numbers(ordered.take(1, 1'000)) == std::vector<int>{1, 4, 7});
  CHECK(numbers(ordered.take(0, 1'000)) == std::vector<int>{0, 3, 6});
  options.ordered = false;
  EventQueue free(options);
  for (int i = 0; i < 9; ++i) free.push(event_of(i, static_cast<uint64_t>(i % 3)), 0);
  CHECK(numbers(free.take(2, 1'000)) == range(0, 9));
}

TEST_CASE("queue: a full memory without spool drops what the operator chose, and counts it") {
  QueueOptions options = options_of(2'000, 1);
  SECTION("oldest") {
    EventQueue queue(options);
    for (int i = 0; i < 20; ++i) queue.push(event_of(i), static_cast<uint64_t>(i));
    CHECK(queue.memory_bytes() <= 2'000);
    const uint64_t lost = dropped(queue, DropReason::buffer_full);
    CHECK(drain(queue) == range(static_cast<int>(lost), 20));
    CHECK(lost > 5);
  }
  SECTION("newest") {
    options.overflow = Overflow::drop_newest;
    EventQueue queue(options);
    for (int i = 0; i < 20; ++i) queue.push(event_of(i), 0);
    const uint64_t lost = dropped(queue, DropReason::buffer_full);
    CHECK(drain(queue) == range(0, 20 - static_cast<int>(lost)));
    CHECK(queue.empty());
  }
}

TEST_CASE("queue: what memory can't hold waits on the disk, behind it, in order") {
  const TemporaryFolder folder;
  EventQueue queue(options_of(2'000));
  queue.attach(spool_of(folder.path("s")));
  for (int i = 0; i < 500; ++i) queue.push(event_of(i), 0);
  CHECK(queue.memory_bytes() <= 2'000);
  CHECK(queue.spool_bytes() > 40'000);
  CHECK(queue.oldest_unix_ms() == 0);
  std::vector<int> got;
  for (int i = 500; i < 520; ++i) {  // new ones come while it is read
    queue.push(event_of(i), 0);
    const Batch batch = queue.take(0, 1'000);
    const auto some = numbers(batch);
    got.insert(got.end(), some.begin(), some.end());
    queue.done(batch);
  }
  const auto rest = drain(queue);
  got.insert(got.end(), rest.begin(), rest.end());
  CHECK(got == range(0, 520));
  CHECK(queue.empty());
  CHECK(queue.spool_bytes() == 0);
}

TEST_CASE("queue: a full spool drops what the operator chose") {
  const TemporaryFolder folder;
  QueueOptions options = options_of(1'000);
  const Overflow overflow = GENERATE(Overflow::drop_oldest, Overflow::drop_newest);
  options.overflow = overflow;
  EventQueue queue(options);
  queue.attach(spool_of(folder.path("s"), 100'000));
  for (int i = 0; i < 2'000; ++i) queue.push(event_of(i), 0);
  const uint64_t lost = dropped(queue, DropReason::spool_full);
  CHECK(lost > 500);
  const auto left = drain(queue);
  CHECK(left.size() + lost == 2'000);
  CHECK(left.front() == 0);  // from memory
  CHECK((left.back() == 1'999) == (overflow == Overflow::drop_oldest));
}

TEST_CASE("queue: everything goes to the disk when the target is down, and comes back in order") {
  const TemporaryFolder folder;
  {
    EventQueue queue(options_of(1U << 20, 4));
    queue.attach(spool_of(folder.path("s")));
    for (int i = 0; i < 10; ++i) queue.push(event_of(i), 0);
    const Batch taken = queue.take(0, 1'000);
    CHECK(queue.put_on_disk({&taken}));
    CHECK(queue.memory_events() == 0);
    queue.push(event_of(10), 0);
    CHECK(queue.memory_events() == 0);
    const Batch again = queue.take(0, 1'000);
    CHECK(numbers(again) == range(0, 4));
    CHECK_FALSE(queue.put_on_disk({&again}));  // it is there already
  }                                            // as if killed: nothing was done
  EventQueue queue(options_of(1U << 20, 4));
  queue.push(event_of(11), 0);  // before the spool could be opened
  queue.attach(spool_of(folder.path("s")));
  CHECK(drain(queue) == range(0, 12));
}

TEST_CASE("queue: with \"always\" nothing is in memory only") {
  const TemporaryFolder folder;
  QueueOptions options = options_of(1U << 20, 4);
  options.spool_always = true;
  {
    EventQueue queue(options);
    queue.push(event_of(0), 0);
    queue.attach(spool_of(folder.path("s")));
    for (int i = 1; i < 10; ++i) queue.push(event_of(i), 0);
    const Batch first = queue.take(0, 1'000);
    queue.done(first);
    CHECK(numbers(first) == range(0, 4));
    CHECK(numbers(queue.take(0, 1'000)) == range(4, 8));
  }
  EventQueue queue(options);
  queue.attach(spool_of(folder.path("s")));
  CHECK(drain(queue) == range(4, 10));
}

namespace {

Intake::Added add(Intake& intake, QueuedEvent event, EventKind kind) {
  std::vector<Intake::Entry> one;
  one.push_back({std::move(event), kind});
  return intake.add(one);
}

}  // namespace

TEST_CASE("intake: events are kept back for a moment, and sorted by time and by the life of a client") {
  Intake intake(50);
  const auto at = [](uint64_t unix_ms, int number) {
    QueuedEvent out = event_of(number);
    out.at_unix_ms = unix_ms;
    return out;
  };
  REQUIRE(add(intake, at(1'010, 4), EventKind::client_disconnected).dropped == 0);
  REQUIRE(add(intake, at(1'010, 3), EventKind::message_publish).dropped == 0);
  REQUIRE(add(intake, at(1'000, 1), EventKind::client_connected).dropped == 0);
  REQUIRE(add(intake, at(1'000, 2), EventKind::client_connected).dropped == 0);
  REQUIRE(add(intake, at(1'040, 5), EventKind::client_connect).dropped == 0);
  std::vector<int> got;
  const auto take = [&](const QueuedEvent& event) { got.push_back(std::stoi(event.body)); };
  intake.hand_over(1'049, take);
  CHECK(got.empty());
  CHECK(intake.next_due_unix_ms() == 1'050);
  intake.hand_over(1'060, take);
  CHECK(got == std::vector<int>{1, 2, 3, 4});
  intake.hand_over_all(take);
  CHECK(got.back() == 5);
}

TEST_CASE("intake: the sender is woken only where it does not look by itself") {
  Intake intake(50);
  const auto at = [](uint64_t unix_ms) {
    QueuedEvent out = event_of(0);
    out.at_unix_ms = unix_ms;
    return out;
  };
  const auto ignore = [](const QueuedEvent&) {};
  CHECK(add(intake, at(1'000), EventKind::message_publish).sender_waits);
  CHECK(intake.next_due_unix_ms() == 1'050);  // not taken over yet, but known
  CHECK_FALSE(add(intake, at(1'010), EventKind::message_publish).sender_waits);
  intake.hand_over(1'060, ignore);
  CHECK_FALSE(add(intake, at(1'060), EventKind::message_publish).sender_waits);  // while it works
  CHECK(intake.next_due_unix_ms() == 1'110);
  intake.hand_over(1'200, ignore);
  CHECK_FALSE(intake.next_due_unix_ms());
  CHECK(add(intake, at(1'200), EventKind::message_publish).sender_waits);
  Intake direct(0);
  CHECK(add(direct, at(1'000), EventKind::message_publish).sender_waits);
  static_cast<void>(direct.next_due_unix_ms());
  CHECK(add(direct, at(1'000), EventKind::message_publish).sender_waits);
}

TEST_CASE("intake: it is bounded") {
  Intake intake(0);
  std::vector<Intake::Entry> many;
  for (int i = 0; i < 70; ++i) many.push_back({event_of(i, 0, 1U << 20), EventKind::message_publish});
  CHECK(intake.add(many).dropped == 7);
  CHECK(many.empty());
  CHECK(add(intake, event_of(70, 0, 1U << 20), EventKind::message_publish).dropped == 1);
  int given = 0;
  intake.hand_over(0, [&](const QueuedEvent&) { ++given; });
  CHECK(given == 1);  // the others are younger
  intake.hand_over_all([&](const QueuedEvent&) { ++given; });
  CHECK(given == 63);
  CHECK(add(intake, event_of(1), EventKind::message_publish).dropped == 0);
}
