// The library user_time in a process of its own, and who reads what it writes.
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <fstream>
#include <string>

#include "bench/clock.h"
#include "bench/user_time/layout.h"
#include "bench/user_time/reader.h"
#include "wire/support/temporary_folder.h"

using namespace patchbay::bench;
using patchbay::wire::TemporaryFolder;

namespace {

UserTimeSample nothing_yet() {
  UserTimeSample sample;
  sample.stamp = user_time::stamp();
  sample.at_ns = monotonic_ns();
  return sample;
}

// Runs the subject: `calls` times `work_us` of work between two calls.
int run_subject(const std::string& file, const std::string& work_us, const std::string& calls) {
  std::string preload = std::string("LD_PRELOAD=") + PATCHBAY_USER_TIME_LIBRARY;
  std::string output = "PATCHBAY_USER_TIME_FILE=" + file;
  std::string program = PATCHBAY_USER_TIME_SUBJECT;
  std::string work = work_us;
  std::string times = calls;
  std::array<char*, 4> arguments = {program.data(), work.data(), times.data(), nullptr};
  std::array<char*, 3> environment = {preload.data(), output.data(), nullptr};
  pid_t pid = 0;
  REQUIRE(posix_spawn(&pid, program.c_str(), nullptr, nullptr, arguments.data(), environment.data()) == 0);
  int status = -1;
  waitpid(pid, &status, 0);
  return status;
}

}  // namespace

TEST_CASE("the time between two calls is added up") {
  const TemporaryFolder folder;
  const std::string file = folder.path("user_time");
  const UserTimeSample before = nothing_yet();
  REQUIRE(run_subject(file, "20", "2000") == 0);
  const auto after = read_user_time(file);
  REQUIRE(after);
  CHECK(after->calls == 2'000);
  CHECK(after->threads_without_place == 0);
  // Where the processor was taken away meanwhile, the interval is left out.
  CHECK(after->left_out < 1'000);
  const double counted = 2'000.0 - static_cast<double>(after->left_out);
  const double us = user_time_us(before, *after);
  CHECK(us > counted * 19);
  CHECK(us < counted * 30);
}

TEST_CASE("what took too long to be work between two calls is counted, not added") {
  const TemporaryFolder folder;
  const std::string file = folder.path("user_time");
  const UserTimeSample before = nothing_yet();
  REQUIRE(run_subject(file, "100", "50") == 0);
  const auto after = read_user_time(file);
  REQUIRE(after);
  CHECK(after->calls == 50);
  CHECK(after->left_out == 50);
  CHECK(user_time_us(before, *after) == 0);
}

TEST_CASE("a file that the library has not written tells nothing") {
  const TemporaryFolder folder;
  CHECK_FALSE(read_user_time(folder.path("none")));
  const std::string file = folder.write("user_time", "");
  CHECK_FALSE(read_user_time(file));
  std::ofstream(file) << std::string(sizeof(user_time::Layout), 'x');
  CHECK_FALSE(read_user_time(file));
}

TEST_CASE("ticks become microseconds by the clock that ran beside them") {
  UserTimeSample before;
  before.stamp = 1'000;
  before.at_ns = 5'000'000;
  UserTimeSample after = before;
  after.stamp += 2'300'000;  // in one millisecond
  after.at_ns += 1'000'000;
  after.ticks = before.ticks + 230'000;
  CHECK(user_time_us(before, after) == Approx(100.0));
  CHECK(user_time_us(before, before) == 0);
}
