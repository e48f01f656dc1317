#include "plugin_tools/inspect.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "unit/package/temporary_folder.h"

using namespace patchbay::plugin_tools;  // NOLINT: test
using nlohmann::json;
using patchbay::package::contains;
using patchbay::package::TemporaryFolder;
using patchbay::package::test_plugin;

namespace {

struct Output {
  int exit_code = 0;
  std::string out;
  std::string errors;
};

std::string read_back(std::FILE* file) {
  std::string text(static_cast<size_t>(std::ftell(file)), '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

Output inspect(const std::string& file, bool as_json) {
  std::FILE* const out = std::tmpfile();
  std::FILE* const errors = std::tmpfile();
  REQUIRE((out != nullptr && errors != nullptr));
  Output output;
  output.exit_code = run_inspect({file, as_json}, out, errors);
  output.out = read_back(out);
  output.errors = read_back(errors);
  return output;
}

}  // namespace

TEST_CASE("a good plugin is described line by line") {
  const Output output = inspect(test_plugin("good").string(), false);
  CHECK(output.exit_code == 0);
  CHECK(output.errors.empty());
  for (const char* line : {"id            com.example.good\n", "version       1.2.3\n", "sdk           1.0 or later\n",
                           "exports       patchbay_plugin_entry\n", "permissions   publish\n", "wants         -\n",
                           "hook          auth.authenticate, deadline 3000 ms, fallback deny, after role:blocklist\n",
                           "findings      none\n"}) {
    CAPTURE(line, output.out);
    CHECK(contains(output.out, line));
  }
}

TEST_CASE("a faulty plugin is described as far as it goes, with what is wrong, and exit code 1") {
  const Output output = inspect(test_plugin("two_exports").string(), false);
  CHECK(output.exit_code == 1);
  CHECK(contains(output.out, "id            com.example.two-exports\n"));
  CHECK(contains(output.out, "REFUSED       exports helper_that_leaked beside patchbay_plugin_entry"));
}

TEST_CASE("as JSON for tools") {
  const Output output = inspect(test_plugin("good").string(), true);
  CHECK(output.exit_code == 0);
  const json report = json::parse(output.out);
  CHECK(report["accepted"] == true);
  CHECK(report["elf"]["exported"] == json::array({"patchbay_plugin_entry"}));
  CHECK(report["elf"]["bits"] == 64);
  CHECK(report["manifest"]["config"]["properties"]["token"]["x-secret"] == true);
  CHECK(report["findings"].empty());
  const json refused = json::parse(inspect(test_plugin("bad_manifest").string(), true).out);
  CHECK(refused["accepted"] == false);
  CHECK(refused["manifest"].is_null());
  CHECK(refused["findings"].size() == 3);
  CHECK(refused["findings"][0]["level"] == "refuse");
  CHECK(refused["findings"][0]["check"] == "manifest");
}

TEST_CASE("what is no plugin and what isn't there") {
  const TemporaryFolder folder;
  const Output script = inspect(folder.write("x.so", "#!/bin/sh\n").string(), false);
  CHECK(script.exit_code == 1);
  CHECK(contains(script.out, "REFUSED       not an ELF file"));
  CHECK(json::parse(inspect(folder.write("y.so", "").string(), true).out)["elf"].is_null());
  const Output gone = inspect("/no/such/file.so", false);
  CHECK(gone.exit_code == 2);
  CHECK(gone.out.empty());
  CHECK(contains(gone.errors, "patchbay: /no/such/file.so: cannot be found"));
}
