#include <catch2/catch.hpp>
#include <patchbay/plugin.hpp>

#include "patchbay/testing/fake_host.hpp"

// The JSON reader, and typed settings with errors as JSON pointers.

namespace {

using namespace std::chrono_literals;
using patchbay::json::reader;
using patchbay::testing::fake_host;

struct backend {
  std::string url;
  std::uint16_t port = 80;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("url", url);
    f.optional("port", port);
  }
};

struct config {
  std::string name = "unnamed";
  std::chrono::milliseconds timeout{2000};
  std::vector<backend> backends;
  std::map<std::string, int> weights;
  std::optional<double> ratio;
  bool strict = false;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("name", name);
    f.optional("timeout", timeout);
    f.required("backends", backends);
    f.optional("weights", weights);
    f.optional("ratio", ratio);
    f.optional("strict", strict);
  }
};

struct configured final : patchbay::plugin<configured, config> {
  using plugin::plugin;
  void check(const config& c, patchbay::error_list& errors) const {
    if (c.backends.empty()) errors.add("/backends", "needs at least one");
  }
  status configure(const config& c) { return c.name == "other" ? PATCHBAY_NEEDS_RESTART : PATCHBAY_OK; }
  verdict on_publish(message m) { return m.topic() == settings().name ? verdict::drop() : verdict::cont(); }
};

std::string error_of(std::string_view text) {
  try {
    reader(text).read();
  } catch (const patchbay::error& e) {
    return e.what();
  }
  return "";
}

}  // namespace

TEST_CASE("JSON values are read as they are written") {
  const auto root =
      reader(R"( {"a": [1, -2, 2.5, 1e3, true, false, null], "b": {"c": "x\u00e9\n\ud83d\ude00\"\\"}} )").read();
  const auto& list = *root.find("a")->as<patchbay::json::array>();
  REQUIRE(list.size() == 7);
  CHECK(*list[0].as<std::int64_t>() == 1);
  CHECK(*list[1].as<std::int64_t>() == -2);
  CHECK(*list[2].as<double>() == 2.5);
  CHECK(*list[3].as<double>() == 1000.0);
  CHECK(*list[4].as<bool>());
  CHECK_FALSE(*list[5].as<bool>());
  CHECK(list[6].is_null());
  CHECK(*root.find("b")->find("c")->as<std::string>() == "x\xC3\xA9\n\xF0\x9F\x98\x80\"\\");
  CHECK(root.find("c") == nullptr);
  CHECK(*reader("9223372036854775807").read().as<std::int64_t>() == INT64_MAX);
  CHECK(reader("9223372036854775808").read().as<double>() != nullptr);
}

TEST_CASE("what isn't JSON is refused with the byte") {
  CHECK(error_of("{\"a\": 1,}").find("expected a text") != std::string::npos);
  CHECK(error_of("[1 2]").find("byte 3") != std::string::npos);
  CHECK(error_of("").find("ends where a value should be") != std::string::npos);
  CHECK(error_of("\"abc").find("without end") != std::string::npos);
  CHECK(error_of("\"a\\x\"").find("unknown escape") != std::string::npos);
  CHECK(error_of("\"\\ud800\"").find("surrogate") != std::string::npos);
  CHECK(error_of("\"\x01\"").find("control character") != std::string::npos);
  CHECK(error_of("nul").find("not a JSON value") != std::string::npos);
  CHECK(error_of("1e999").find("not a JSON value") != std::string::npos);
  CHECK(error_of("{} x").find("something follows") != std::string::npos);
  CHECK(error_of(std::string(100, '[')).find("nested too deeply") != std::string::npos);
}

TEST_CASE("settings reach their fields") {
  fake_host host;
  host.settings(R"({"name": "n", "timeout": "250ms", "backends": [{"url": "a"}, {"url": "b", "port": 8080}],
                    "weights": {"x": 3}, "ratio": 1, "strict": true})");
  REQUIRE(host.start(patchbay::entry_of<configured>("{}")) == PATCHBAY_OK);
  const config& c = static_cast<configured*>(host.plugin()->self)->settings();
  CHECK(c.name == "n");
  CHECK(c.timeout == 250ms);
  REQUIRE(c.backends.size() == 2);
  CHECK(c.backends[1].port == 8080);
  CHECK(c.weights.at("x") == 3);
  CHECK(c.ratio == 1.0);
  CHECK(c.strict);
  CHECK(host.publish({.topic = "n"}).dropped());
}

TEST_CASE("all that is wrong is reported, each by its JSON pointer") {
  fake_host host;
  host.create(patchbay::entry_of<configured>("{}"));
  CHECK(host.configure(
            R"({"timeout": "soon", "backends": [{"port": 70000}, 3], "weights": {"a/b": "x"}, "strict": 1})") ==
        PATCHBAY_INVALID);
  CHECK(host.errors() ==
        "/timeout: expected a duration such as \"250ms\" or \"2s\", found a text\n"
        "/backends/0/url: is missing\n"
        "/backends/0/port: doesn't fit: 70000\n"
        "/backends/1: expected an object, found a whole number\n"
        "/weights/a~1b: expected a whole number, found a text\n"
        "/strict: expected a boolean, found a whole number\n");
  CHECK(host.check(R"({"backends": []})") == PATCHBAY_INVALID);
  CHECK(host.errors() == "/backends: needs at least one\n");
  CHECK(host.check("[") == PATCHBAY_INVALID);
  CHECK(host.errors().find("JSON, byte 1") != std::string::npos);
  CHECK(host.check("[]") == PATCHBAY_INVALID);
  CHECK(host.check(R"({"backends": [{"url": "a"}]})") == PATCHBAY_OK);
}

TEST_CASE("refused settings leave the old ones in force") {
  fake_host host;
  host.settings(R"({"name": "first", "backends": [{"url": "a"}]})");
  REQUIRE(host.start(patchbay::entry_of<configured>("{}")) == PATCHBAY_OK);
  const config* first = &static_cast<configured*>(host.plugin()->self)->settings();
  CHECK(host.configure("{}") == PATCHBAY_INVALID);
  CHECK(host.configure(R"({"name": "other", "backends": [{"url": "a"}]})") == PATCHBAY_NEEDS_RESTART);
  CHECK(host.publish({.topic = "first"}).dropped());
  CHECK(host.configure(R"({"name": "second", "backends": [{"url": "a"}]})") == PATCHBAY_OK);
  CHECK(host.publish({.topic = "second"}).dropped());
  CHECK(first->name == "first");  // a reference that a shard holds stays good
}

TEST_CASE("durations") {
  const auto read = [](const char* text) { return patchbay::detail::read_duration(reader(text).read()); };
  CHECK(read("\"2s\"") == 2000ms);
  CHECK(read("\"5m\"") == 300'000ms);
  CHECK(read("\"1h\"") == 3'600'000ms);
  CHECK(read("\"1d\"") == 86'400'000ms);
  CHECK(read("40") == 40ms);
  CHECK_FALSE(read("\"2\""));
  CHECK_FALSE(read("\"-2s\""));
  CHECK_FALSE(read("\"9223372036854775807d\""));
  CHECK_FALSE(read("1.5"));
}
