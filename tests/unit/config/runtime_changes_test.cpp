#include "config/runtime_changes.h"

#include <catch2/catch.hpp>

using namespace patchbay::config;  // NOLINT: test

namespace {

/// What a start makes of the changes.
LoadedConfig loaded(const RuntimeChanges& changes, std::vector<std::string> overrides = {},
                    const std::optional<std::string>& file = {}) {
  ConfigSources sources;
  sources.file_name = "patchbay.toml";
  sources.file_text = file;
  sources.runtime_name = kRuntimeFile;
  sources.runtime_text = changes.text();
  sources.overrides = std::move(overrides);
  std::vector<ConfigProblem> problems;
  LoadedConfig result = load_config(sources, problems);
  INFO(changes.text() << to_text(problems));
  CHECK(problems.empty());
  return result;
}

}  // namespace

TEST_CASE("Changes at run time are kept as lines that a start reads") {
  const Config before;
  Config after;
  after.mqtt.max_inflight = 5;
  after.mqtt.max_packet_size_bytes = 2u << 20;
  after.mqtt.mqueue_drop_policy = DropPolicy::newest;
  after.access.allow_anonymous = AllowAnonymous::true_;
  after.topic_rewrite.push_back({RewriteAction::publish, "a/#", "^a/(.+)$", "b/\"$1\""});
  after.listeners.tcp["default"].max_connections = 7;
  RuntimeChanges changes;
  CHECK(changes.record(before, after, before).empty());
  CHECK(changes.values().at("mqtt.max_inflight") == "5");
  const Config again = loaded(changes).config;
  CHECK(again.mqtt.max_inflight == 5);
  CHECK(again.mqtt.max_packet_size_bytes == 2u << 20);
  CHECK(again.mqtt.mqueue_drop_policy == DropPolicy::newest);
  CHECK(again.access.allow_anonymous == AllowAnonymous::true_);
  REQUIRE(again.topic_rewrite.size() == 1);
  CHECK(again.topic_rewrite.front().dest_topic == "b/\"$1\"");
  CHECK(again.listeners.tcp.at("default").max_connections == 7);
  const auto parsed = RuntimeChanges::parse(changes.text());
  REQUIRE(parsed);
  CHECK(parsed->values() == changes.values());
}

TEST_CASE("A listener that came is kept whole, with its secret; one that went stays away") {
  const Config base;
  Config with = base;
  with.listeners.ssl["extra"].bind = "127.0.0.1:9999";
  with.listeners.ssl["extra"].ssl.key_password = "hush";
  RuntimeChanges changes;
  CHECK(changes.record(base, with, base).empty());
  CHECK(loaded(changes).config.listeners.ssl.at("extra").ssl.key_password == "hush");
  CHECK(changes.record(with, base, base).empty());
  CHECK(changes.values().empty());
  Config without = base;
  without.listeners.tcp.erase("default");  // the file, or a default, would bring it back
  CHECK(changes.record(base, without, base).empty());
  CHECK_FALSE(loaded(changes).config.listeners.tcp.at("default").enable);
  CHECK(changes.record(without, base, base).empty());
  CHECK(loaded(changes).config.listeners.tcp.at("default").enable);
}

TEST_CASE("What a stronger source gives is told, and what belongs to plugins is not kept here") {
  const Config before;
  Config after;
  after.mqtt.max_inflight = 5;
  RuntimeChanges changes;
  CHECK(changes.record(before, after, before).empty());
  CHECK(overruled(after, loaded(changes), changes).empty());
  CHECK(overruled(after, loaded(changes, {}, "mqtt.max_inflight = 9"), changes).empty());  // the file is weaker
  const auto lines = overruled(after, loaded(changes, {"mqtt.max_inflight=9"}), changes);
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("--set") != std::string::npos);
  Config with_plugin = before;
  with_plugin.plugin["auth"].settings = "{\"a\":1}";
  CHECK(changes.record(before, with_plugin, before).size() == 1);
}

TEST_CASE("A file that somebody has rewritten in another form is not touched") {
  for (const char* text : {"[mqtt]\nmax_inflight = 5\n", "mqtt.max_inflight=5\n", "a b = 1\n", "nonsense\n"}) {
    INFO(text);
    const auto parsed = RuntimeChanges::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().find("line 1") == 0);
  }
  CHECK(RuntimeChanges::parse("# only a comment\n\n")->values().empty());
}
