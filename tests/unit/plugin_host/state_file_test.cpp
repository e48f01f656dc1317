#include "plugin_host/state_file.h"

#include <catch2/catch.hpp>

#include "wire/support/temporary_folder.h"

using namespace patchbay::plugin_host;  // NOLINT: test
using patchbay::wire::TemporaryFolder;

TEST_CASE("what the operator changed is read back as it was written") {
  const TemporaryFolder folder;
  const StateFile file(folder.path());
  const auto none = file.read();
  REQUIRE(none);
  CHECK(*none == HostState{});
  HostState state;
  state.instances["a"] = {true, false, "b.so", "a.so", "front", "", {"kv", "routes"}, {}};
  state.instances["b"] = {false, true, "", "", "", "", {}, {"kv"}};
  state.hook_order["acl.publish"] = {"b", "role:acl"};
  REQUIRE(file.write(state));
  const auto read = StateFile(folder.path()).read();
  REQUIRE(read);
  CHECK(*read == state);
}

TEST_CASE("a state that cannot be understood is an error, and stays where it is") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("plugins"));
  for (const char* text : {"", "[]", "{}", R"({"version":2,"instances":{},"hook_order":{}})",
                           R"({"version":1,"instances":{"a":{}},"hook_order":{}})"}) {
    INFO(text);
    folder.write("plugins/state.json", text);
    const auto read = StateFile(folder.path()).read();
    REQUIRE_FALSE(read);
    CHECK(read.error().find("state.json") != std::string::npos);
    CHECK(std::filesystem::file_size(folder.path("plugins/state.json")) == std::string(text).size());
  }
}
