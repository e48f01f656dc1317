#include "package/secret_source.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "package/prepared_settings.h"
#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
using nlohmann::json;

namespace {

SecretSources sources_of(const TemporaryFolder& folder) {
  SecretSources sources;
  sources.file_dirs = {folder.path() / "secrets"};
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "DB_PASSWORD") return "hunter2";
    if (name == "DB_URL") return "not a uri";
    return std::nullopt;
  };
  return sources;
}

std::string resolved(std::string_view text, const SecretSources& sources) {
  const auto value = resolve_references(text, sources);
  return value ? *value : "ERROR " + value.error();
}

constexpr const char* kSchema = R"({"type":"object","properties":{
  "url":{"type":"string","format":"uri"}, "password":{"type":"string","x-secret":true,"maxLength":20},
  "timeout":{"type":"string","format":"duration","default":"2s"}, "nested":{"type":"array","items":{"type":"string"}}}})";

}  // namespace

TEST_CASE("what is a reference") {
  CHECK(has_secret_reference("${env:X}"));
  CHECK(has_secret_reference("a${file:/x}b"));
  CHECK_FALSE(has_secret_reference("$${env:X}"));
  CHECK_FALSE(has_secret_reference("$env:X"));
  CHECK_FALSE(has_secret_reference("${env:X"));
  CHECK_FALSE(has_secret_reference(""));
}

TEST_CASE("references to the environment and to files are replaced, literals stay") {
  const TemporaryFolder folder;
  const SecretSources sources = sources_of(folder);
  const auto file = folder.write("secrets/token", "abc\n");
  CHECK(resolved("${env:DB_PASSWORD}", sources) == "hunter2");
  CHECK(resolved("u:${env:DB_PASSWORD}@h", sources) == "u:hunter2@h");
  CHECK(resolved("${file:" + file.string() + "}${env:DB_PASSWORD}", sources) == "abchunter2");
  CHECK(resolved("$${env:DB_PASSWORD}", sources) == "${env:DB_PASSWORD}");
  CHECK(resolved("$${a}${env:DB_PASSWORD}$${b}", sources) == "${a}hunter2${b}");
  CHECK(resolved("plain $ {text}", sources) == "plain $ {text}");
}

TEST_CASE("a value is not looked into again") {
  const TemporaryFolder folder;
  SecretSources sources = sources_of(folder);
  sources.environment = [](const std::string&) { return std::optional<std::string>("${env:X}$${"); };
  CHECK(resolved("${env:X}", sources) == "${env:X}$${");
}

TEST_CASE("what cannot be resolved is named, but never shown") {
  const TemporaryFolder folder;
  SecretSources sources = sources_of(folder);
  CHECK(resolved("${env:GONE}", sources) == "ERROR ${env:GONE}: the variable is not set");
  CHECK(contains(resolved("${vault:x}", sources), "ERROR ${vault:x}: is no reference, expected ${env:NAME}"));
  CHECK(contains(resolved("${env:}", sources), "is no reference"));
  CHECK(contains(resolved("a/${username}/#", sources), "ERROR ${username}: is no reference"));
  CHECK(contains(resolved("a/${username}/#", sources), "write $${username} for these letters themselves"));
  CHECK(resolved("a/$${username}/#", sources) == "a/${username}/#");
  sources.environment_prefixes = {"PATCHBAY_"};
  CHECK(resolved("${env:DB_PASSWORD}", sources) ==
        "ERROR ${env:DB_PASSWORD}: this variable may not be read, allowed are PATCHBAY_…");
}

TEST_CASE("files outside of the allowed folders stay closed, also behind links") {
  const TemporaryFolder folder;
  const SecretSources sources = sources_of(folder);
  const auto outside = folder.write("outside", "root:x:0");
  folder.write("secrets/good", "x");
  std::filesystem::create_symlink(outside, folder.path() / "secrets/link");
  std::filesystem::create_directories(folder.path() / "secrets-2");
  folder.write("secrets-2/neighbour", "x");
  for (const std::string& path :
       {outside.string(), (folder.path() / "secrets/link").string(), (folder.path() / "secrets/../outside").string(),
        (folder.path() / "secrets-2/neighbour").string()}) {
    CAPTURE(path);
    const std::string answer = resolved("${file:" + path + "}", sources);
    CHECK(contains(answer, "lies outside of the allowed folders"));
    CHECK_FALSE(contains(answer, "root:x"));
  }
  CHECK(contains(resolved("${file:secrets/good}", sources), "expected an absolute path"));
  CHECK(contains(resolved("${file:/no/such}", sources), "found no such file"));
}

TEST_CASE("a secret has a size limit") {
  const TemporaryFolder folder;
  SecretSources sources = sources_of(folder);
  sources.value_bytes_max = 8;
  const auto file = folder.write("secrets/long", "123456789");
  CHECK(contains(resolved("${file:" + file.string() + "}", sources), "larger than the 8 bytes"));
  const auto fits = folder.write("secrets/fits", "1234567\n");
  CHECK(resolved("${file:" + fits.string() + "}", sources) == "1234567");
}

TEST_CASE("a wiped text is empty, and a moved one leaves nothing behind") {
  SecretText first(std::string("short"));
  SecretText second(std::move(first));
  CHECK(first.view().empty());  // NOLINT: what a moved-from secret holds is the point.
  CHECK(second.view() == "short");
  SecretText third;
  third = std::move(second);
  CHECK(second.view().empty());  // NOLINT
  third.wipe();
  CHECK(third.view().empty());
}

TEST_CASE("settings are prepared: stored as written, shown masked, effective with everything") {
  const TemporaryFolder folder;
  const auto schema = SettingsSchema::parse(kSchema);
  REQUIRE(schema.has_value());
  const auto prepared = prepare_settings(
      *schema, R"({"password":"${env:DB_PASSWORD}","nested":["${env:DB_PASSWORD}"]})", sources_of(folder));
  REQUIRE(prepared.has_value());
  CHECK(json::parse(prepared->stored) ==
        json::parse(R"({"password":"${env:DB_PASSWORD}","nested":["${env:DB_PASSWORD}"]})"));
  CHECK(json::parse(prepared->shown)["password"] == "${env:DB_PASSWORD}");
  CHECK(json::parse(prepared->shown)["timeout"] == "2s");
  const json effective = json::parse(prepared->effective.view());
  CHECK(effective["password"] == "hunter2");
  CHECK(effective["nested"][0] == "hunter2");
  CHECK(effective["timeout"] == "2s");
}

TEST_CASE("what a reference leads to must fit the schema, and is not shown when it doesn't") {
  const TemporaryFolder folder;
  const auto schema = SettingsSchema::parse(kSchema);
  REQUIRE(schema.has_value());
  const auto refused = prepare_settings(*schema, R"({"url":"${env:DB_URL}"})", sources_of(folder));
  REQUIRE_FALSE(refused.has_value());
  CHECK(contains(problem_lines(refused.error()), "/url: found a string, expected a URI"));
  CHECK_FALSE(contains(problem_lines(refused.error()), "not a uri"));
}

TEST_CASE("preparing reports all problems, of parsing, checking and resolving") {
  const TemporaryFolder folder;
  const auto schema = SettingsSchema::parse(kSchema);
  REQUIRE(schema.has_value());
  const SecretSources sources = sources_of(folder);
  CHECK(contains(problem_lines(prepare_settings(*schema, "{", sources).error()), "the settings document is not JSON"));
  CHECK(prepare_settings(*schema, R"({"a":1,"b":2})", sources).error().size() == 2);
  const auto unresolved = prepare_settings(*schema, R"({"url":"${env:A}","nested":["${env:B}"]})", sources);
  REQUIRE_FALSE(unresolved.has_value());
  CHECK(problem_lines(unresolved.error()) ==
        "/nested/0: ${env:B}: the variable is not set\n/url: ${env:A}: the variable is not set\n");
  CHECK(prepare_settings(*schema, "", sources).has_value());
}
