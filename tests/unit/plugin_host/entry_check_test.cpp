#include "plugin_host/entry_check.h"

#include <catch2/catch.hpp>

#include "plugin_bridge/thread_activity.h"
#include "plugin_host/process_threads.h"
#include "plugin_host/shared_library.h"

using namespace patchbay::plugin_host;  // NOLINT: test
using patchbay::package::Manifest;

namespace {

constexpr const char* kManifest = R"({"id":"org.example.x","version":"1.0.0"})";

Manifest manifest() {
  auto parsed = patchbay::package::parse_manifest(kManifest);
  REQUIRE(parsed);
  return std::move(*parsed);
}

patchbay_entry good() {
  return {PATCHBAY_ENTRY_MAGIC,
          sizeof(patchbay_entry),
          PATCHBAY_ABI_MAJOR,
          PATCHBAY_ABI_MINOR,
          0,
          0,
          "test",
          kManifest,
          [](const patchbay_host*, patchbay_str) -> const patchbay_plugin* { return nullptr; }};
}

}  // namespace

TEST_CASE("an entry of this ABI is taken, and every other one named") {
  CHECK(entry_problem(good(), manifest()).empty());
  patchbay_entry entry = good();
  entry.magic = 0x1234;
  CHECK(entry_problem(entry, manifest()) == "found magic 0x00001234 in its entry; allowed: 0x31424350");
  entry = good();
  entry.size = 8;
  CHECK(entry_problem(entry, manifest()).find("found an entry of 8 bytes") == 0);
  entry = good();
  entry.abi_major = 2;
  CHECK(entry_problem(entry, manifest()) == "found ABI major version 2 in its entry; allowed: 1");
  entry = good();
  entry.abi_minor_min = 9;
  CHECK(entry_problem(entry, manifest()) == "found an entry that needs ABI 1.9; this host has 1.0");
  entry = good();
  entry.create = nullptr;
  CHECK(entry_problem(entry, manifest()).find("without create()") != std::string::npos);
  entry = good();
  entry.manifest = R"({"id":"org.example.x","version":"1.0.1"})";
  CHECK(entry_problem(entry, manifest()).find("differs") != std::string::npos);
  entry.manifest = nullptr;
  CHECK_FALSE(entry_problem(entry, manifest()).empty());
  // The same document, written otherwise.
  entry.manifest = R"({ "version": "1.0.0", "id": "org.example.x" })";
  CHECK(entry_problem(entry, manifest()).empty());
}

TEST_CASE("an entry may be larger than this host knows") {
  patchbay_entry entry = good();
  entry.size = sizeof(entry) + 64;
  CHECK(entry_problem(entry, manifest()).empty());
}

TEST_CASE("an instance needs the functions that every instance has") {
  patchbay_plugin plugin{};
  CHECK(plugin_table_problem(plugin).find("a table of 0 bytes") != std::string::npos);
  plugin.size = sizeof(plugin);
  CHECK(plugin_table_problem(plugin) == "create() gave a table without configure(), which every plugin has");
  plugin.configure = [](void*, patchbay_str, patchbay_writer*) -> patchbay_status { return PATCHBAY_OK; };
  plugin.start = [](void*, patchbay_writer*) -> patchbay_status { return PATCHBAY_OK; };
  plugin.stop = [](void*) {};
  CHECK(plugin_table_problem(plugin) == "create() gave a table without destroy(), which every plugin has");
  plugin.destroy = [](void*) {};
  CHECK(plugin_table_problem(plugin).empty());
}

TEST_CASE("a file is mapped while its library is open, and no longer") {
  SharedLibraryLoader loader;
  const std::string file = std::string(PATCHBAY_TEST_PLUGINS) + "/gate_v1.so";
  CHECK_FALSE(is_mapped(file));
  auto library = loader.open(file);
  REQUIRE(library);
  CHECK(is_mapped(file));
  REQUIRE((*library)->entry() != nullptr);
  CHECK((*library)->entry()->magic == PATCHBAY_ENTRY_MAGIC);
  CHECK((*library)->close());
  CHECK_FALSE(is_mapped(file));
}

TEST_CASE("the loader's own words are passed on") {
  SharedLibraryLoader loader;
  const auto missing = loader.open("/nowhere/x.so");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().find("/nowhere/x.so") != std::string::npos);
  const auto unresolved = loader.open(std::string(PATCHBAY_TEST_PLUGINS) + "/fault_unresolved.so");
  REQUIRE_FALSE(unresolved);
  CHECK(unresolved.error().find("undefined symbol: nobody_defines_this") != std::string::npos);
  CHECK(unresolved.error().find("Bad file descriptor") == std::string::npos);
}

TEST_CASE("strangers among the threads are those that nobody knows") {
  const std::vector<int> now = patchbay::plugin_bridge::process_threads();
  CHECK_FALSE(now.empty());
  CHECK(strangers({1, 2}, {1, 2, 3, 4}, {4}) == std::vector<int>{3});
  CHECK(strangers(now, now, {}).empty());
  CHECK(thread_text(now[0]).find("thread " + std::to_string(now[0]) + " (") == 0);
  CHECK(thread_text(-1) == "thread -1");
}
