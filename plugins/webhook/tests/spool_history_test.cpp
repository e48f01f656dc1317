// A spool that an earlier release has left must be read by this one: an upgrade may not lose what waits on the disk.
// The folder spool_of_fd0de72 was written by the code of that commit, in two lives: four events, then three more, of
// which the first of all was read back and acknowledged. Should the encoding change one day, another folder goes beside
// it.
#include <catch2/catch.hpp>
#include <filesystem>

#include "event_queue.h"
#include "wire/support/temporary_folder.h"

using namespace patchbay::webhook;  // NOLINT: test
using patchbay::wire::TemporaryFolder;

namespace {

std::unique_ptr<Spool> open_copy(const TemporaryFolder& folder) {
  std::filesystem::copy(WEBHOOK_OLD_SPOOL, folder.path("s"), std::filesystem::copy_options::recursive);
  std::string reason;
  bool busy = false;
  auto out = Spool::open(folder.path("s"), {1U << 20, false}, reason, busy);
  INFO(reason);
  REQUIRE(out);
  return out;
}

QueuedEvent kept(uint64_t number, std::string body) {
  QueuedEvent out;
  out.id = *EventId::of("0123456789abcdef-000000000000000" + std::to_string(number));
  out.at_unix_ms = 1'800'000'000'000 + number;
  out.order_key = 0x1122'3344'5566'7788ULL * number;
  out.body = std::move(body);
  return out;
}

/// What the first life and the second have left, without what was acknowledged.
std::vector<QueuedEvent> all_kept() {
  std::vector<QueuedEvent> out;
  out.push_back(kept(2, R"({"action":"message_publish","topic":"sensors/1","payload":"21.5"})"));
  out.push_back(kept(3, std::string("\0\x01\xff \r\n\xc3\xa4", 8)));  // a template may make anything
  out.push_back(kept(4, ""));
  out.push_back(kept(5, "{\"payload\":\"" + std::string(700, 'x') + "\"}"));
  out.back().route = 0xfedc'ba98'7654'3210ULL;
  out.push_back(kept(6, "third life"));
  out.back().id = *EventId::of("x");
  out.back().route = 9;
  out.push_back(kept(7, "last"));
  out.back().id = *EventId::of(std::string(39, 'i'));
  return out;
}

void check_same(const QueuedEvent& got, const QueuedEvent& expected) {
  CHECK(got.id.view() == expected.id.view());
  CHECK(got.at_unix_ms == expected.at_unix_ms);
  CHECK(got.order_key == expected.order_key);
  CHECK(got.body == expected.body);
  CHECK(got.route == expected.route);
}

}  // namespace

TEST_CASE("spool: what an earlier release has left is read, with everything it had") {
  const TemporaryFolder folder;
  const auto spool = open_copy(folder);
  for (const QueuedEvent& expected : all_kept()) {
    const auto next = spool->read();
    REQUIRE(next);
    check_same(next->event, expected);
  }
  CHECK_FALSE(spool->read());
  CHECK(spool->take_damaged() == 0);
}

TEST_CASE("queue: what an earlier release has left is sent, in front of what comes now") {
  const TemporaryFolder folder;
  QueueOptions options;
  options.lanes = 1;
  options.batch_events_max = 100;
  EventQueue queue(options);
  queue.attach(open_copy(folder));
  auto expected = all_kept();
  expected.push_back(kept(8, "of this release"));
  queue.push(expected.back(), 0);
  std::vector<QueuedEvent> got;
  for (Batch batch = queue.take(0, 1'000); !batch.empty(); batch = queue.take(0, 1'000)) {
    for (const HeldEvent& each : batch) got.push_back(each.event);
    queue.done(batch);
  }
  REQUIRE(got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) check_same(got[i], expected[i]);
  CHECK(queue.empty());
  CHECK(queue.spool_bytes() == 0);
}
