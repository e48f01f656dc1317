#include "config/config_reference.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "config/config_keys.h"
#include "unit/config/config_loading.h"

using namespace patchbay::config;           // NOLINT: test
using namespace patchbay::config::testing;  // NOLINT: test

namespace {

std::string file_in_tree(const std::string& name) {
  std::ifstream file(std::string(PATCHBAY_SOURCE_DIR) + "/core/control/config/" + name, std::ios::binary);
  REQUIRE(file.good());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The example with every commented-out key in force: a line "#key = value" is a key, "# text" is prose.
std::string uncommented(const std::string& example) {
  std::istringstream lines(example);
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const bool is_key = line.size() > 1 && line[0] == '#' && line[1] != ' ' && line[1] != '#';
    text += (is_key ? line.substr(1) : line) + '\n';
  }
  return text;
}

}  // namespace

TEST_CASE("REFERENCE.md in the tree is what the table says") {
  INFO("renew it with: patchbay config-reference > core/control/config/REFERENCE.md");
  CHECK(file_in_tree("REFERENCE.md") == reference_markdown());
}

TEST_CASE("the reference has a row for each key") {
  const std::string page = reference_markdown();
  for (const KeyRow* row : root_keys()) {
    INFO(row->name);
    CHECK(page.find("| `" + std::string(row->name) + "` |") != std::string::npos);
  }
  for (const KeyRow& row : listener_keys()) {
    INFO(row.name);
    CHECK(page.find("| `" + std::string(row.name) + "` |") != std::string::npos);
  }
  CHECK(page.find("| `mqtt.max_packet_size` | size, 1KiB to 256MiB (bytes, or with B, KiB, MiB, GiB) | `\"1MiB\"` | "
                  "bytes | SIGHUP |") != std::string::npos);
  CHECK(page.find("`auto_subscribe[].topic` | string, not empty | required |") != std::string::npos);
  CHECK(page.find("`ssl.certfile` | string | `\"\"` |  | restart | ssl, wss, dtls: ") != std::string::npos);
  CHECK(page.find("Secret: never shown.") != std::string::npos);
}

TEST_CASE("the example as shipped changes nothing") {
  const Loaded result = check_text(file_in_tree("patchbay.example.toml"));
  CHECK(result.problems.empty());
  CHECK(result.loaded.given.empty());
}

TEST_CASE("every line of the example is valid, and says the default") {
  const Loaded result = load_text(uncommented(file_in_tree("patchbay.example.toml")));
  INFO(to_text(result.problems));
  CHECK(result.problems.empty());
  CHECK(result.loaded.given.size() > 60);
  const Config defaults;
  for (const KeyRow* row : root_keys()) {
    if (row->type == KeyType::table_list || result.loaded.given.count(std::string(row->name)) == 0) continue;
    INFO(row->name);
    CHECK(value_text(*row, &result.config()) == value_text(*row, &defaults));
  }
}

TEST_CASE("the number of connections follows the descriptors unless it is given") {
  Config config;
  CHECK(effective_max_connections(config, {20000, 1}) == 17936);
  CHECK(effective_max_connections(config, {50, 1}) == 1);
  CHECK(effective_max_connections(config, {UINT64_MAX, 1}) == UINT32_MAX);
  config.node.max_connections = 12;
  CHECK(effective_max_connections(config, {20000, 1}) == 12);
}

TEST_CASE("there is one shard for each core unless told otherwise") {
  Config config;
  CHECK(effective_shards(config, {0, 8}) == 8);
  CHECK(effective_shards(config, {0, 0}) == 1);
  config.node.shards = 3;
  CHECK(effective_shards(config, {0, 8}) == 3);
}
