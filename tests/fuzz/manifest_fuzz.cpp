// Manifests: any text is a manifest or a list of problems with pointers; what is a manifest stays one when it is read
// again, and its settings schema can be used.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/fuzz_target.h"
#include "package/manifest.h"
#include "package/prepared_settings.h"

namespace patchbay::package {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "manifest_fuzz: %s\n", what);
  std::abort();
}

void check_problems(const Problems& problems) {
  require(!problems.empty(), "refused without a problem");
  for (const Problem& problem : problems) {
    require(!problem.text.empty(), "a problem without a sentence");
    require(problem.pointer.empty() || problem.pointer[0] == '/', "a pointer that is none");
  }
}

void check(std::string_view text) {
  const auto manifest = parse_manifest(text);
  if (!manifest) return check_problems(manifest.error());
  const auto again = parse_manifest(manifest->json);
  require(again && again->id == manifest->id && again->version == manifest->version, "changes when it is read again");
  require(again->json == manifest->json && again->hooks.size() == manifest->hooks.size(), "loses something");
  const auto schema = SettingsSchema::parse(manifest->config_schema);
  require(schema.has_value(), "a manifest with a settings schema that cannot be used");
  SecretSources sources;
  sources.file_dirs.clear();
  sources.environment = [](const std::string&) { return std::optional<std::string>(); };
  const auto prepared = prepare_settings(*schema, R"({"url":"a:b","token":"${env:X}","kind":{"k":"one"}})", sources);
  if (!prepared) check_problems(prepared.error());
}

}  // namespace
}  // namespace patchbay::package

namespace patchbay::fuzz {

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  const std::string texts[] = {
      R"({"id":"a.b","version":"1.0.0"})",
      R"({"id":"com.example.auth-http","version":"1.4.0-rc.1+b","sdk":{"major":1,"minor_min":2},"needs":["patchbay.fd/1"],
          "hooks":{"auth.authenticate":{"deadline":"3s","fallback":"deny","after":["role:blocklist"],"priority":-1}},
          "role":"authn","instances":"many","isolation":["inprocess","process"],"config_version":2})",
      R"({"id":"a.b","version":"1.0.0","config":{"type":"object","required":["url"],"definitions":{"p":{"type":"integer",
          "minimum":1,"maximum":9}},"properties":{"url":{"type":"string","format":"uri"},"token":{"type":"string",
          "x-secret":true},"p":{"$ref":"#/definitions/p","default":3},"kind":{"oneOf":[{"type":"object","required":["k"],
          "properties":{"k":{"const":"one"},"n":{"type":"number","default":1.5}}},{"type":"object","required":["k"],
          "properties":{"k":{"const":"two"},"l":{"type":"array","items":{"enum":[1,"x",true]}}}}]}}}})",
      R"({"id":"a.b","version":"1.0.0","metrics":[{"name":"m","type":"counter","labels":["l"]}],"routes":[{"method":"GET",
          "path":"/a/{b}"}],"panels":[{"title":"t","metric":"m","by":"l"}],"texts":{"de":{"a":"\u00e4"}}})",
  };
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  patchbay::package::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
