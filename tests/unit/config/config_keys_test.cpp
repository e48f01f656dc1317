#include "config/config_keys.h"

#include <catch2/catch.hpp>
#include <limits>
#include <set>
#include <type_traits>

#include "config/key_lookup.h"

using namespace patchbay::config;  // NOLINT: test

namespace {

struct AnyRow {
  const KeyRow* row;
  void* object;
};

// Every row with an object that it can be applied to; the objects live as long as the program.
std::vector<AnyRow> all_rows() {
  static Config config;
  static ListenerConfig listener;
  static PluginConfig plugin;
  std::vector<AnyRow> rows;
  for (const KeyRow* row : root_keys()) rows.push_back({row, &config});
  for (const KeyRow& row : listener_keys()) rows.push_back({&row, &listener});
  for (const KeyRow& row : plugin_keys()) rows.push_back({&row, &plugin});
  const size_t outer = rows.size();
  for (size_t i = 0; i < outer; ++i) {
    if (rows[i].row->type != KeyType::table_list) continue;
    const auto tables = std::get<TableList>(rows[i].row->field(rows[i].object));
    tables.clear(tables.list);
    void* element = tables.append(tables.list);
    for (const KeyRow& field : rows[i].row->element()) rows.push_back({&field, element});
  }
  return rows;
}

bool holds(const KeyRow& row, const FieldRef& field) {
  switch (row.type) {
    case KeyType::string:
    case KeyType::json:
      return std::holds_alternative<std::string*>(field);
    case KeyType::boolean:
      return std::holds_alternative<bool*>(field);
    case KeyType::number:
      return std::holds_alternative<double*>(field);
    case KeyType::string_list:
      return std::holds_alternative<std::vector<std::string>*>(field);
    case KeyType::table_list:
      return std::holds_alternative<TableList>(field);
    case KeyType::enumeration:
      return std::holds_alternative<uint8_t*>(field);
    case KeyType::integer:
    case KeyType::size:
      return std::holds_alternative<uint8_t*>(field) || std::holds_alternative<uint16_t*>(field) ||
             std::holds_alternative<uint32_t*>(field) || std::holds_alternative<uint64_t*>(field);
  }
  return false;
}

uint64_t largest(const FieldRef& field) {
  return std::visit(
      [](auto target) -> uint64_t {
        using Target = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_integral_v<Target>) return std::numeric_limits<Target>::max();
        return 0;
      },
      field);
}

uint64_t integer_value(const FieldRef& field) {
  return std::visit(
      [](auto target) -> uint64_t {
        using Target = std::remove_pointer_t<decltype(target)>;
        if constexpr (std::is_integral_v<Target>) return *target;
        return 0;
      },
      field);
}

}  // namespace

TEST_CASE("every row's type is its field's type, and its range fits the field") {
  for (const AnyRow& any : all_rows()) {
    INFO(any.row->name);
    const FieldRef field = any.row->field(any.object);
    CHECK(holds(*any.row, field));
    if (any.row->type == KeyType::integer || any.row->type == KeyType::size) {
      CHECK(any.row->min < any.row->max);
      CHECK(any.row->max <= largest(field));
    }
    CHECK(any.row->allowed.empty() == (any.row->type != KeyType::enumeration));
    CHECK((any.row->element != nullptr) == (any.row->type == KeyType::table_list));
  }
}

TEST_CASE("every default is allowed by its own row") {
  for (const AnyRow& any : all_rows()) {
    INFO(any.row->name);
    const uint64_t value = integer_value(any.row->field(any.object));
    if (any.row->type == KeyType::integer || any.row->type == KeyType::size) {
      CHECK(value >= any.row->min);
      CHECK(value <= any.row->max);
    }
    if (any.row->type == KeyType::enumeration) CHECK(value < any.row->allowed.size());
  }
}

TEST_CASE("every row says what it means, and names its unit") {
  for (const AnyRow& any : all_rows()) {
    INFO(any.row->name);
    CHECK_FALSE(any.row->help.empty());
    CHECK_FALSE(allowed_text(*any.row).empty());
    const std::string_view name = any.row->name;
    const bool is_rate = name.size() > 6 && name.substr(name.size() - 6) == "_per_s";
    if (!is_rate && name.size() > 2 && name.substr(name.size() - 2) == "_s") CHECK(any.row->unit == "s");
    if (name.size() > 3 && name.substr(name.size() - 3) == "_ms") CHECK(any.row->unit == "ms");
    if (any.row->type == KeyType::size) CHECK(any.row->unit == "bytes");
  }
}

TEST_CASE("no key stands in the table twice, and no two keys share a field") {
  std::set<std::string_view> names;
  std::set<const void*> fields;
  Config config;
  for (const KeyRow* row : root_keys()) {
    INFO(row->name);
    CHECK(names.insert(row->name).second);
    const void* field = std::visit(
        [](auto target) -> const void* {
          if constexpr (std::is_same_v<decltype(target), TableList>) {
            return target.list;
          } else {
            return target;
          }
        },
        row->field(&config));
    CHECK(fields.insert(field).second);
  }
  std::set<std::string_view> listener_names;
  for (const KeyRow& row : listener_keys()) CHECK(listener_names.insert(row.name).second);
}

TEST_CASE("the keys of the command line contract exist") {
  for (const char* key :
       {"listeners.tcp.default.bind", "listeners.ssl.default.bind", "listeners.ws.default.bind",
        "listeners.wss.default.bind", "api.bind", "api.admin_password", "node.shards", "mqtt.max_packet_size",
        "mqtt.max_inflight", "mqtt.max_mqueue_len", "mqtt.session_expiry_interval_s", "access.allow_anonymous",
        "plugins.dir", "plugins.enabled"}) {
    INFO(key);
    CHECK(find_row(key) != nullptr);
  }
  CHECK(find_row("mqtt") == nullptr);
  CHECK(find_row("mqtt.nothing") == nullptr);
  CHECK(find_row("") == nullptr);
}

TEST_CASE("every area of the log has a level of its own") {
  Config config;
  for (size_t area = 0; area < LogConfig::kAreas; ++area) {
    const auto name = patchbay::base::log_area_name(static_cast<patchbay::base::LogArea>(area));
    const KeyRow* row = find_row("log.levels." + std::string(name));
    REQUIRE(row != nullptr);
    CHECK(std::get<uint8_t*>(row->field(&config)) == &config.log.levels[area]);
    CHECK(row->allowed[LogConfig::kInherit] == "inherit");
  }
}

TEST_CASE("names of log levels are those of the base layer") {
  const KeyRow* row = find_row("log.level");
  REQUIRE(row != nullptr);
  for (size_t level = 0; level < row->allowed.size(); ++level) {
    CHECK(row->allowed[level] == patchbay::base::log_level_name(static_cast<patchbay::base::LogLevel>(level)));
  }
}

TEST_CASE("secrets are marked and never printed") {
  std::set<std::string_view> secrets;
  for (const AnyRow& any : all_rows()) {
    if (any.row->secret) secrets.insert(any.row->name);
  }
  CHECK(secrets == std::set<std::string_view>{"api.admin_password", "ssl.key_password", "settings"});
  Config config;
  config.api.admin_password = "hunter2";
  CHECK(value_text(*find_row("api.admin_password"), &config) == "\"(secret)\"");
}

TEST_CASE("values are written as TOML") {
  Config config;
  config.plugins.enabled = {"a", "b\"c"};
  config.node.name = "a\\b\n";
  config.auto_subscribe = {{.topic = "t", .qos = 1}};
  CHECK(value_text(*find_row("plugins.enabled"), &config) == R"(["a", "b\"c"])");
  CHECK(value_text(*find_row("node.name"), &config) == R"("a\\b\u000A")");
  CHECK(value_text(*find_row("mqtt.max_packet_size"), &config) == "\"1MiB\"");
  CHECK(value_text(*find_row("mqtt.keepalive_multiplier"), &config) == "1.5");
  CHECK(value_text(*find_row("mqtt.mqueue_drop_policy"), &config) == "\"oldest\"");
  CHECK(value_text(*find_row("auto_subscribe"), &config) ==
        "[{ topic = \"t\", qos = 1, rh = 0, rap = false, nl = false }]");
}
