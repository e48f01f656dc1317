#include "spool.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "wire/support/temporary_folder.h"

using namespace patchbay::webhook;  // NOLINT: test
using patchbay::wire::TemporaryFolder;

namespace {

QueuedEvent event_of(int number, size_t bytes = 10) {
  return {*EventId::of("id" + std::to_string(number)), 1'000U + static_cast<uint64_t>(number), 7,
          std::to_string(number) + ":" + std::string(bytes, 'x')};
}

std::unique_ptr<Spool> open_spool(const std::string& path, uint64_t bytes_max = 1U << 20) {
  std::string reason;
  bool busy = false;
  auto out = Spool::open(path, {bytes_max, false}, reason, busy);
  INFO(reason);
  REQUIRE(out);
  return out;
}

/// The numbers of all events that are unread; acknowledged where asked for.
std::vector<int> read_all(Spool& spool, bool acknowledge = false) {
  std::vector<int> out;
  while (const auto next = spool.read()) {
    out.push_back(std::stoi(next->event.body));
    if (acknowledge) spool.acknowledge(next->number);
  }
  return out;
}

std::vector<int> range(int begin, int end) {
  std::vector<int> out;
  for (int i = begin; i < end; ++i) out.push_back(i);
  return out;
}

/// A copy of the folder as a crash leaves it, without the lock.
std::string crashed_copy(const TemporaryFolder& folder, const std::string& of, const std::string& name) {
  std::filesystem::copy(folder.path(of), folder.path(name), std::filesystem::copy_options::recursive);
  return folder.path(name);
}

std::string newest_segment(const std::string& folder) {
  std::string out;
  for (const auto& each : std::filesystem::directory_iterator(folder)) {
    if (each.path().extension() == ".events") out = std::max(out, each.path().string());
  }
  return out;
}

}  // namespace

TEST_CASE("spool: what was written comes back in order, with everything it had") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  CHECK_FALSE(spool->has_unread());
  for (int i = 0; i < 100; ++i) {
    QueuedEvent event = event_of(i);
    event.route = i == 0 ? 0xFEDC'BA98'7654'3210 : 0;
    REQUIRE(spool->append(event) == Spool::Appended::yes);
  }
  CHECK(spool->has_unread());
  CHECK(spool->oldest_unread_unix_ms() == 1'000);
  const auto first = spool->read();
  CHECK(first->event.id.view() == "id0");
  CHECK(first->event.order_key == 7);
  CHECK(first->event.route == 0xFEDC'BA98'7654'3210);
  CHECK(first->event.at_unix_ms == 1'000);
  CHECK(read_all(*spool) == range(1, 100));
  CHECK_FALSE(spool->has_unread());
  CHECK(spool->unread_bytes() == 0);
  CHECK(spool->append(event_of(100)) == Spool::Appended::yes);
  CHECK(read_all(*spool) == range(100, 101));
}

TEST_CASE("spool: nothing but what was acknowledged is gone after a crash") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  for (int i = 0; i < 20; ++i) REQUIRE(spool->append(event_of(i)) == Spool::Appended::yes);
  for (int i = 0; i < 8; ++i) {
    const auto next = spool->read();
    if (i < 5) spool->acknowledge(next->number);
  }
  auto after = open_spool(crashed_copy(folder, "s", "crash1"));
  CHECK(read_all(*after) == range(5, 20));
  CHECK(after->append(event_of(20)) == Spool::Appended::yes);
  CHECK(read_all(*after) == range(20, 21));
  auto again = open_spool(crashed_copy(folder, "crash1", "crash2"));
  CHECK(read_all(*again, true) == range(5, 21));
  CHECK(again->bytes() == 0);
  auto empty = open_spool(crashed_copy(folder, "crash2", "crash3"));
  CHECK_FALSE(empty->has_unread());
}

TEST_CASE("spool: what has been appended is written together, at the latest by flush()") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  for (int i = 0; i < 10; ++i) REQUIRE(spool->append(event_of(i)) == Spool::Appended::yes);
  CHECK(std::filesystem::file_size(newest_segment(folder.path("s"))) == 0);
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "before"))).empty());
  spool->flush();
  CHECK(std::filesystem::file_size(newest_segment(folder.path("s"))) == spool->bytes());
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "after"))) == range(0, 10));
  for (int i = 10; i < 110; ++i) REQUIRE(spool->append(event_of(i, 1'000)) == Spool::Appended::yes);
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "block"))).size() > 60);  // a block is written by itself
  CHECK(read_all(*spool) == range(0, 110));
  CHECK(spool->append(event_of(110)) == Spool::Appended::yes);
  spool.reset();
  CHECK(read_all(*open_spool(folder.path("s"))) == range(0, 111));
}

TEST_CASE("spool: of a block that the disk refuses what fits is kept, and the rest counted") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{2'500, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  for (int i = 0; i < 5; ++i) REQUIRE(spool->append(event_of(i, 1'000)) == Spool::Appended::yes);
  spool->flush();
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(spool->take_refused() == 3);
  CHECK(spool->take_refused() == 0);
  CHECK(std::filesystem::file_size(newest_segment(folder.path("s"))) == spool->bytes());
  CHECK(spool->unread_bytes() == spool->bytes());
  CHECK(spool->append(event_of(5)) == Spool::Appended::yes);
  CHECK(read_all(*spool) == std::vector<int>{0, 1, 5});
  CHECK(spool->take_damaged() == 0);
}

TEST_CASE("spool: out of order acknowledgements hold the cursor back") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  for (int i = 0; i < 4; ++i) REQUIRE(spool->append(event_of(i)) == Spool::Appended::yes);
  std::vector<uint64_t> numbers;
  for (int i = 0; i < 4; ++i) numbers.push_back(spool->read()->number);
  spool->acknowledge(numbers[3]);
  spool->acknowledge(numbers[1]);
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "a"))) == range(0, 4));
  spool->acknowledge(numbers[0]);
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "b"))) == range(2, 4));
  spool->acknowledge(numbers[2]);
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "c"))).empty());
}

TEST_CASE("spool: a record that a crash has torn ends its segment, and the next life begins another") {
  const TemporaryFolder folder;
  {
    auto spool = open_spool(folder.path("s"));
    for (int i = 0; i < 10; ++i) REQUIRE(spool->append(event_of(i)) == Spool::Appended::yes);
  }
  const std::string segment = newest_segment(folder.path("s"));
  std::filesystem::resize_file(segment, std::filesystem::file_size(segment) - 3);
  auto spool = open_spool(folder.path("s"));
  CHECK(spool->append(event_of(10)) == Spool::Appended::yes);
  std::vector<int> expected = range(0, 9);
  expected.push_back(10);
  CHECK(read_all(*spool) == expected);
  CHECK(spool->take_damaged() == 1);
}

TEST_CASE("spool: a bit that has turned is noticed") {
  const TemporaryFolder folder;
  {
    auto spool = open_spool(folder.path("s"));
    for (int i = 0; i < 10; ++i) REQUIRE(spool->append(event_of(i)) == Spool::Appended::yes);
  }
  {
    std::fstream file(newest_segment(folder.path("s")), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(30);
    file.put('!');
  }
  auto spool = open_spool(folder.path("s"));
  CHECK(read_all(*spool).empty());
  CHECK(spool->take_damaged() == 1);
  CHECK(spool->unread_bytes() == 0);
  CHECK(spool->append(event_of(1)) == Spool::Appended::yes);
  CHECK(read_all(*spool) == range(1, 2));
}

TEST_CASE("spool: a damaged cursor means duplicates, not losses") {
  const TemporaryFolder folder;
  {
    auto spool = open_spool(folder.path("s"));
    for (int i = 0; i < 4; ++i) REQUIRE(spool->append(event_of(i)) == Spool::Appended::yes);
    spool->acknowledge(spool->read()->number);
  }
  std::ofstream(folder.path("s/cursor")) << "nonsense of some length";
  CHECK(read_all(*open_spool(folder.path("s"))) == range(0, 4));
}

TEST_CASE("spool: it is bounded, and the oldest can be given up for room") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"), 1U << 20);
  int written = 0;
  while (spool->append(event_of(written, 1'000)) == Spool::Appended::yes) ++written;
  CHECK(spool->unread_bytes() <= 1U << 20);
  CHECK(written > 900);
  const auto first = spool->read();  // on its way, and not dropped with the rest
  const uint64_t dropped = spool->drop_oldest();
  CHECK(dropped > 50);
  CHECK(spool->append(event_of(written, 1'000)) == Spool::Appended::yes);
  CHECK(read_all(*spool) == range(1 + static_cast<int>(dropped), written + 1));
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "crash"))).front() == 0);
  spool->acknowledge(first->number);
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "crash2"))) ==
        range(1 + static_cast<int>(dropped), written + 1));
}

TEST_CASE("spool: segments that are done with are removed") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"), 1U << 20);
  for (int i = 0; i < 600; ++i) REQUIRE(spool->append(event_of(i, 1'000)) == Spool::Appended::yes);
  const uint64_t before = spool->bytes();
  for (int i = 0; i < 300; ++i) spool->acknowledge(spool->read()->number);
  CHECK(spool->bytes() < before * 2 / 3);
  CHECK(read_all(*spool, true) == range(300, 600));
  CHECK(spool->bytes() == 0);
  CHECK(newest_segment(folder.path("s")).empty());
  CHECK(spool->append(event_of(600)) == Spool::Appended::yes);
  spool->flush();
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "crash"))) == range(600, 601));
}

TEST_CASE("spool: events that were taken go in front again, whatever is being read") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"), 1U << 20);
  const int count = GENERATE(3, 40, 600);
  for (int i = 10; i < 10 + count; ++i) REQUIRE(spool->append(event_of(i, 1'000)) == Spool::Appended::yes);
  std::vector<QueuedEvent> kept;
  for (int i = 5; i < 10; ++i) kept.push_back(event_of(i));
  const int taken = GENERATE(0, 2, 3);
  for (int i = 0; i < taken; ++i) kept.push_back(spool->read()->event);
  std::vector<const QueuedEvent*> views;
  for (const auto& each : kept) views.push_back(&each);
  REQUIRE(spool->put_in_front(views));
  CHECK(spool->append(event_of(10 + count)) == Spool::Appended::yes);
  spool->flush();
  CHECK(read_all(*open_spool(crashed_copy(folder, "s", "crash"))) == range(5, 11 + count));
  CHECK(read_all(*spool, true) == range(5, 11 + count));
  CHECK(spool->unread_bytes() == 0);
  CHECK(spool->bytes() == 0);
}

TEST_CASE("spool: one at a time") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  std::string reason;
  bool busy = false;
  CHECK_FALSE(Spool::open(folder.path("s"), {}, reason, busy));
  CHECK(busy);
  spool.reset();
  CHECK(Spool::open(folder.path("s"), {}, reason, busy));
  CHECK_FALSE(Spool::open("/proc/nowhere", {}, reason, busy));
  CHECK_FALSE(busy);
  CHECK_FALSE(reason.empty());
}

TEST_CASE("spool: others can't read what is in it") {
  const TemporaryFolder folder;
  auto spool = open_spool(folder.path("s"));
  REQUIRE(spool->append(event_of(1)) == Spool::Appended::yes);
  struct stat found {};
  REQUIRE(::stat(folder.path("s").c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0700);
  REQUIRE(::stat(newest_segment(folder.path("s")).c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}
