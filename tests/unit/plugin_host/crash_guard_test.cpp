#include "plugin_host/crash_guard.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "wire/support/temporary_folder.h"

using patchbay::plugin_host::CrashGuard;
using patchbay::plugin_host::parse_crash_record;
using patchbay::wire::TemporaryFolder;

namespace {

void crash(const TemporaryFolder& folder, uint64_t unix_s, const std::string& instance) {
  std::filesystem::create_directories(folder.path("crash"));
  folder.write("crash/last", "signal 11\nunix_s " + std::to_string(unix_s) + "\n" +
                                 (instance.empty() ? ""
                                                   : "plugin '" + instance +
                                                         "' (org.example 1.0.0) in acl.publish, shard 0 (this "
                                                         "thread)\n"));
}

}  // namespace

TEST_CASE("a crash record names the instance whose code the crashing thread was in") {
  const auto record = parse_crash_record(
      "signal 6\nunix_s 17\nplugin 'a-b' (org.example.x 1.2.3) in auth.authenticate, shard 1 (this thread)\n"
      "plugin 'other' (org.example.y 1.0.0) in timer, worker 0\n");
  REQUIRE(record);
  CHECK(record->signal == 6);
  CHECK(record->unix_s == 17);
  CHECK(record->instance == "a-b");
  const auto elsewhere = parse_crash_record("signal 6\nunix_s 17\nplugin 'other' (x 1) in timer, worker 0\n");
  REQUIRE(elsewhere);
  CHECK(elsewhere->instance.empty());
  CHECK_FALSE(parse_crash_record(""));
  CHECK_FALSE(parse_crash_record("signal"));
  CHECK_FALSE(parse_crash_record("garbage\nunix_s 1\n"));
}

TEST_CASE("twice within ten minutes, and the instance is left out until its file changes") {
  const TemporaryFolder folder;
  crash(folder, 1'000, "acl");
  CHECK(CrashGuard(folder.path()).blocks("acl", "aa").empty());
  crash(folder, 1'599, "acl");
  {
    CrashGuard guard(folder.path());
    REQUIRE(guard.last());
    CHECK(guard.last()->instance == "acl");
    CHECK(guard.blocks("acl", "aa").find("two crashes within ten minutes") != std::string::npos);
    CHECK(guard.blocks("other", "aa").empty());
  }
  // Also at the start after that, which no crash came before.
  CrashGuard guard(folder.path());
  CHECK_FALSE(guard.last());
  CHECK_FALSE(guard.blocks("acl", "aa").empty());
  CHECK(guard.blocks("acl", "bb").empty());
  CHECK(CrashGuard(folder.path()).blocks("acl", "aa").empty());
}

TEST_CASE("crashes far apart, of others, or of nobody are forgiven") {
  const TemporaryFolder folder;
  for (const auto& [unix_s, instance] : std::vector<std::pair<uint64_t, std::string>>{
           {1'000, "acl"}, {1'100, "other"}, {1'200, ""}, {1'300, ""}, {1'601, "acl"}}) {
    crash(folder, unix_s, instance);
    CrashGuard guard(folder.path());
    CHECK(guard.blocks("acl", "aa").empty());
    CHECK(guard.blocks("other", "aa").empty());
    CHECK(guard.blocks("", "aa").empty());
  }
}

TEST_CASE("the operator's start forgives, and a damaged history is no obstacle") {
  const TemporaryFolder folder;
  crash(folder, 1'000, "acl");
  CHECK(CrashGuard(folder.path()).blocks("acl", "").empty());
  crash(folder, 1'001, "acl");
  CrashGuard guard(folder.path());
  CHECK_FALSE(guard.blocks("acl", "").empty());
  guard.forgive("acl");
  CHECK(CrashGuard(folder.path()).blocks("acl", "").empty());
  folder.write("crash/history.json", "{\"crashes\": [1, {\"unix_s\": \"x");
  CHECK(CrashGuard(folder.path()).blocks("acl", "").empty());
}
