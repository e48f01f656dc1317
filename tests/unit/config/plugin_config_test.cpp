#include "config/plugin_config.h"

#include <catch2/catch.hpp>

#include "config/config_changes.h"
#include "config/json_text.h"
#include "config/toml_document.h"
#include "unit/config/config_loading.h"

using namespace patchbay::config;           // NOLINT: test
using namespace patchbay::config::testing;  // NOLINT: test

namespace {

constexpr const char* kText = R"(
[plugins]
dirs = ["/usr/lib/patchbay"]
enabled = ["auth", "stamp"]
[[plugins.hook]]
hook = "auth.authenticate"
order = ["auth", "role:authn"]
combining = "deny_overrides"
[plugin.auth]
file = "auth-http.so"
id = "org.example.auth"
boot = "required"
position = "before:stamp"
permissions = ["clients.disconnect"]
soak_s = 5
hook = [{ hook = "auth.authenticate", deadline_ms = 300, fallback = "next" }]
[plugin.auth.settings]
url = "http://127.0.0.1:8080"
retries = 3
ratio = 0.5
on = true
since = 2026-01-01
list = [1, "b", { c = [] }]
)";

}  // namespace

TEST_CASE("a plugin's instance is a table of its own, and its settings become JSON") {
  const Loaded result = check_text(kText);
  INFO(to_text(result.problems));
  REQUIRE(result.problems.empty());
  const Config& config = result.config();
  CHECK(config.plugins.dirs == std::vector<std::string>{"/usr/lib/patchbay"});
  REQUIRE(config.plugins.hook.size() == 1);
  CHECK(config.plugins.hook[0].order == std::vector<std::string>{"auth", "role:authn"});
  CHECK(config.plugins.hook[0].combining == HookCombining::deny_overrides);
  REQUIRE(config.plugin.size() == 1);
  const PluginConfig& auth = config.plugin.at("auth");
  CHECK(auth.file == "auth-http.so");
  CHECK(auth.id == "org.example.auth");
  CHECK(auth.boot == PluginBoot::required);
  CHECK(auth.position == "before:stamp");
  CHECK(auth.permissions == std::vector<std::string>{"clients.disconnect"});
  CHECK(auth.soak_s == 5);
  REQUIRE(auth.hook.size() == 1);
  CHECK(auth.hook[0].deadline_ms == 300);
  CHECK(auth.hook[0].fallback == HookFallback::next);
  CHECK(auth.settings == R"({"list":[1,"b",{"c":[]}],"on":true,"ratio":0.5,"retries":3,"since":"2026-01-01",)"
                         R"("url":"http://127.0.0.1:8080"})");
}

TEST_CASE("settings may come from --set as an inline table") {
  const Loaded result = load_sets({"plugin.a.settings={ n = 1, s = \"x\\\"y\" }", "plugin.a.file=a.so"});
  INFO(to_text(result.problems));
  REQUIRE(result.problems.empty());
  CHECK(result.config().plugin.at("a").settings == R"({"n":1,"s":"x\"y"})");
  CHECK(result.config().plugin.at("a").file == "a.so");
}

TEST_CASE("unknown keys and names of plugins are refused with what may have been meant") {
  const Loaded key = load_text("[plugin.a]\nfilee = \"x\"");
  CHECK(key.problem_of("plugin.a.filee").found == "unknown key; did you mean plugin.a.file?");
  const Loaded name = load_text("[plugin.\"a b\"]\nfile = \"x\"");
  CHECK(name.problem_of("plugin.a b").allowed == "letters, digits, _ and -, at most 64");
  const Loaded settings = load_text("[plugin.a]\nsettings = 3");
  CHECK(settings.problem_of("plugin.a.settings").allowed == "table");
}

TEST_CASE("names, places and hashes of plugins are checked") {
  const Loaded result = check_text(
      "[plugins]\nenabled = [\"a\", \"a\", \"b/c\"]\n"
      "[plugin.a]\nposition = \"behind:b\"\nsha256 = \"12\"\n"
      "[[plugins.hook]]\nhook = \"x\"\n[[plugins.hook]]\nhook = \"x\"");
  CHECK(result.problems.size() == 5);
  CHECK(result.problem_of("plugin.a.position").found == "found \"behind:b\"");
  CHECK(result.problem_of("plugin.a.sha256").allowed == "64 hexadecimal digits, or \"\"");
  CHECK(result.problem_of("plugins.hook").found == "found \"x\" twice");
}

TEST_CASE("changes of plugins can be applied at once, and settings stay out of sight") {
  Config before;
  before.plugin["a"].settings = R"({"password":"1"})";
  before.plugin["old"] = {};
  Config after = before;
  after.plugin["a"].settings = R"({"password":"2"})";
  after.plugin.erase("old");
  after.plugin["new"] = {};
  const std::vector<ConfigChange> changes = changes_between(before, after);
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].key == "plugin.a.settings");
  CHECK(changes[0].before == "\"(secret)\"");
  CHECK(changes[1].key == "plugin.old");
  CHECK(changes[2].key == "plugin.new");
  for (const ConfigChange& change : changes) CHECK(change.reload == Reload::sighup);
}

TEST_CASE("JSON text escapes what JSON cannot hold") {
  const auto value = parse_toml_value("{ s = \"a\\u0001\\n\\\\\", big = -9223372036854775808, none = nan }");
  REQUIRE(value);
  CHECK(json_text(*value) == R"({"big":-9223372036854775808,"none":null,"s":"a\u0001\u000a\\"})");
}
