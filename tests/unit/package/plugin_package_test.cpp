#include "package/plugin_package.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "package/sdk_interfaces.h"
#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test
namespace fs = std::filesystem;
using Stage = PackageRefusal::Stage;

namespace {

/// A folder of plugins of the broker's own, and the data directory beside it.
struct Fixture {
  TemporaryFolder folder;
  PackageRequest request;

  Fixture() {
    fs::create_directories(folder.path() / "plugins");
    ::chmod((folder.path() / "plugins").c_str(), 0755);
    request.trust.allowed_dirs = {folder.path() / "plugins"};
    request.loaded_dir = folder.path() / "data/plugins/.loaded";
    request.offer = sdk_offer();
    request.offer.granted_permissions = std::vector<std::string>{"publish"};
    request.generation = 1;
  }

  fs::path install(const std::string& name) const {
    const fs::path file = folder.path() / "plugins" / (name + ".so");
    fs::copy_file(test_plugin(name), file, fs::copy_options::overwrite_existing);
    ::chmod(file.c_str(), 0644);
    return file;
  }

  PackageRefusal refusal(const std::string& name) {
    request.file = install(name);
    auto opened = open_package(request);
    if (opened) FAIL(name << " was not refused");
    return opened.error();
  }

  [[nodiscard]] bool nothing_left() const {
    return !fs::exists(request.loaded_dir) || fs::directory_iterator(request.loaded_dir) == fs::directory_iterator();
  }
};

std::vector<Finding> findings_of(const std::string& name) {
  const auto report = inspect_package(test_plugin(name), sdk_offer());
  if (!report) FAIL(report.error());
  return report->findings;
}

const Finding* find(const std::vector<Finding>& findings, const std::string& check) {
  for (const Finding& finding : findings) {
    if (finding.check == check) return &finding;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a good plugin passes everything and is ready to be loaded") {
  Fixture fixture;
  fixture.request.file = fixture.install("good");
  const auto package = open_package(fixture.request);
  if (!package) FAIL(package.error().text());
  CHECK(package->origin == fixture.request.file);
  CHECK(package->manifest.id == "com.example.good");
  CHECK(package->elf.manifest.data() > reinterpret_cast<const char*>(package->copy.bytes().data()));
  CHECK(package->copy.path().parent_path() == fixture.request.loaded_dir);
  CHECK(package->copy.path().filename().string().starts_with("com.example.good-1.2.3-"));
  CHECK(fs::exists(package->copy.path()));
  CHECK(package->settings_schema.secret_pointers(nlohmann::json{{"token", "x"}}) == std::vector<std::string>{"/token"});
  CHECK(sentences(package->warnings, Finding::Level::warn) == "");
}

TEST_CASE("each fault is refused at its stage with a sentence, and nothing is left behind") {
  struct Row {
    const char* plugin;
    Stage stage;
    const char* sentence;
  };
  const Row rows[] = {
      {"no_entry", Stage::elf, "does not export patchbay_plugin_entry"},
      {"two_exports", Stage::elf,
       "exports helper_that_leaked beside patchbay_plugin_entry, which must be the only one"},
      {"no_manifest", Stage::elf, "has no section .patchbay.manifest"},
      {"big_manifest", Stage::elf, "its manifest is too large: found 1048577 bytes, at most 1048576 are allowed"},
      {"static_tls", Stage::elf, "uses static thread-local storage (DF_STATIC_TLS)"},
      {"executable_stack", Stage::elf, "asks for an executable stack"},
      {"undefined", Stage::elf, "leaves broker_make_plugin to be given by somebody else"},
      {"bad_manifest", Stage::manifest, "manifest: /id: found \"nodots\", expected an id in reverse domain form"},
      {"wrong_host", Stage::host, "is built for SDK 2, this host speaks SDK 1."},
  };
  for (const Row& row : rows) {
    CAPTURE(row.plugin);
    Fixture fixture;
    const PackageRefusal refused = fixture.refusal(row.plugin);
    CAPTURE(refused.text());
    CHECK(refused.stage == row.stage);
    CHECK(contains(refused.text(), row.sentence));
    CHECK(contains(refused.text(), std::string(row.plugin) + ".so: "));
    CHECK(fixture.nothing_left());
  }
}

#if defined(__GNUC__) && !defined(__clang__)
TEST_CASE("unique symbols are refused with the flag that avoids them") {
  Fixture fixture;
  const std::string text = fixture.refusal("gnu_unique").text();
  CHECK(contains(text, "STB_GNU_UNIQUE (shared_by_accident)"));
  CHECK(contains(text, "-fno-gnu-unique"));
}
#endif

TEST_CASE("all problems of a manifest are in the refusal") {
  Fixture fixture;
  const PackageRefusal refused = fixture.refusal("bad_manifest");
  CHECK(refused.sentences.size() == 3);
}

TEST_CASE("trust comes before everything else") {
  Fixture fixture;
  fixture.request.file = fixture.install("good");
  ::chmod(fixture.request.file.c_str(), 0666);
  auto refused = open_package(fixture.request);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().stage == Stage::untrusted);
  CHECK(contains(refused.error().text(), "has mode 0666"));
  fixture.request.file = test_plugin("good");
  refused = open_package(fixture.request);
  CHECK(refused.error().stage == Stage::untrusted);
  CHECK(fixture.nothing_left());
}

TEST_CASE("the hash is that of the file, or the file is refused") {
  Fixture fixture;
  fixture.request.file = fixture.install("good");
  fixture.request.expected_sha256 = std::string(64, '0');
  const auto refused = open_package(fixture.request);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().stage == Stage::copy);
  CHECK(contains(refused.error().text(), "expected 0000"));
  CHECK(fixture.nothing_left());
  const auto report = inspect_package(fixture.request.file, sdk_offer());
  fixture.request.expected_sha256 = report->sha256;
  CHECK(open_package(fixture.request).has_value());
}

TEST_CASE("the same file is loaded again under another generation") {
  Fixture fixture;
  fixture.request.file = fixture.install("good");
  const auto first = open_package(fixture.request);
  REQUIRE(first.has_value());
  const auto same = open_package(fixture.request);
  REQUIRE_FALSE(same.has_value());
  CHECK(same.error().stage == Stage::copy);
  fixture.request.generation = 2;
  const auto second = open_package(fixture.request);
  REQUIRE(second.has_value());
  CHECK(first->copy.path() != second->copy.path());
}

TEST_CASE("a permission that was not granted is refused with both lists") {
  Fixture fixture;
  fixture.request.offer.granted_permissions = std::vector<std::string>{"secrets"};
  const PackageRefusal refused = fixture.refusal("good");
  CHECK(refused.stage == Stage::host);
  CHECK(contains(refused.text(), "asks for permissions that were not granted: publish; granted are: secrets"));
}

TEST_CASE("interfaces: missing, of another revision, drafts") {
  Fixture fixture;
  const std::string text = fixture.refusal("wrong_host").text();
  CHECK(contains(text, "needs patchbay.publish/9, which this host does not offer; offered is patchbay.publish/1"));
  CHECK(contains(text, "provides patchbay.draft.cluster/1, which is a draft that may still change"));
  fixture.request.offer.allow_draft = true;
  CHECK_FALSE(contains(fixture.refusal("wrong_host").text(), "draft"));
}

TEST_CASE("wants are warnings, services of plugins no matter of the host") {
  auto manifest = parse_manifest(R"({"id":"a.b","version":"1.0.0","needs":["svc.http/1"],
      "wants":["patchbay.teleport/1","patchbay.draft.cluster_host/1"],"isolation":["process"],"sdk":{"minor_min":9}})");
  REQUIRE(manifest.has_value());
  const std::vector<Finding> findings = check_manifest(*manifest, sdk_offer());
  CHECK(
      contains(sentences(findings, Finding::Level::warn), "wants patchbay.teleport/1, which this host does not offer"));
  CHECK(contains(sentences(findings, Finding::Level::warn), "allow_draft = true"));
  CHECK(sentences(findings, Finding::Level::refuse) ==
        "needs SDK 1.9 or later, this host speaks SDK 1.0; wants to run in a process of its own only, this host runs "
        "plugins in its own process (isolation \"inprocess\")");
}

TEST_CASE("a file for another machine says so and nothing else") {
  ElfFile elf;
  elf.machine = 183;
  elf.type = 3;
  const auto wrong_machine = check_elf(elf);
  REQUIRE(wrong_machine.size() == 1);
  CHECK(contains(wrong_machine[0].sentence, "is built for AArch64, this host runs on "));
  elf.elf_class = ElfFile::Class::bits32;
  elf.little_endian = false;
  elf.type = 2;
  CHECK(contains(sentences(check_elf(elf), Finding::Level::refuse),
                 "is a 32-bit big-endian file, this host loads 64-bit little-endian ones"));
  CHECK(contains(sentences(check_elf(elf), Finding::Level::refuse),
                 "is an ELF file of type 2, expected a shared object"));
}

TEST_CASE("what is odd but bearable is a warning") {
  ElfFile elf;
  elf.machine = host_machine();
  elf.type = 3;
  elf.exported = {"patchbay_plugin_entry", "_init", "_end"};
  elf.has_manifest = true;
  elf.needed = {"libssl.so.3", "libcurl.so.4", "libpython3.11.so.1.0", "libc.so.6"};
  elf.text_relocations = true;
  elf.rpath = "/opt";
  const std::vector<Finding> findings = check_elf(elf);
  CHECK_FALSE(is_refused(findings));
  CHECK(findings.size() == 6);
  CHECK(find(findings, "build-id") != nullptr);
  CHECK(find(findings, "rpath") != nullptr);
  CHECK(find(findings, "text-relocations") != nullptr);
}

TEST_CASE("undefined symbols of sanitizers and of libraries that are elsewhere are warnings") {
  ElfFile elf;
  elf.unversioned = {"__asan_init"};
  CHECK(check_undefined(elf, "/").front().level == Finding::Level::warn);
  elf.unversioned = {"special_call"};
  elf.needed = {"libnowhere.so.1"};
  const auto perhaps = check_undefined(elf, "/");
  REQUIRE(perhaps.size() == 1);
  CHECK(perhaps[0].level == Finding::Level::warn);
  CHECK(contains(perhaps[0].sentence, "perhaps by libnowhere.so.1"));
  elf.needed = {"libc.so.6"};
  elf.unversioned = {"malloc"};
  CHECK(check_undefined(elf, "/").empty());
  elf.unversioned = {"patchbay_internal"};
  CHECK(check_undefined(elf, "/").front().level == Finding::Level::refuse);
}

TEST_CASE("a library beside the plugin is found through $ORIGIN") {
  ElfFile elf;
  elf.unversioned = {"helper_that_leaked"};
  elf.needed = {"two_exports.so"};
  elf.runpath = "/nowhere:$ORIGIN";
  CHECK(check_undefined(elf, test_plugin("two_exports").parent_path()).empty());
  elf.needed = {test_plugin("two_exports").string()};
  elf.runpath.clear();
  CHECK(check_undefined(elf, "/").empty());
}

TEST_CASE("inspecting goes on after a refusal, and needs no trust") {
  const auto report = inspect_package(test_plugin("two_exports"), sdk_offer());
  REQUIRE(report.has_value());
  CHECK(report->manifest.has_value());
  CHECK(report->manifest->id == "com.example.two-exports");
  CHECK(is_refused(report->findings));
  CHECK(report->sha256.size() == 64);
  CHECK(find(findings_of("bad_manifest"), "manifest") != nullptr);
  CHECK(find(findings_of("runpath"), "rpath")->level == Finding::Level::warn);
  CHECK(findings_of("good").empty());
}

TEST_CASE("what is no plugin at all is inspected too") {
  const TemporaryFolder folder;
  const auto script = inspect_package(folder.write("x.so", "#!/bin/sh"), sdk_offer());
  REQUIRE(script.has_value());
  CHECK_FALSE(script->elf.has_value());
  CHECK(contains(sentences(script->findings, Finding::Level::refuse), "not an ELF file: found 9 bytes"));
  CHECK(contains(inspect_package(folder.path() / "gone.so", sdk_offer()).error(), "cannot be found"));
}

TEST_CASE("refusals come before warnings") {
  std::vector<Finding> findings = {{Finding::Level::warn, "a", "A"},
                                   {Finding::Level::refuse, "b", "B"},
                                   {Finding::Level::warn, "c", "C"},
                                   {Finding::Level::refuse, "d", "D"}};
  sort_by_level(findings);
  CHECK(sentences(findings, Finding::Level::refuse) == "B; D");
  CHECK(sentences(findings, Finding::Level::warn) == "A; C");
  CHECK(findings[1].check == "d");
}

TEST_CASE("the SDK's interfaces are ids, and drafts are named as such") {
  for (const std::string_view id : sdk_host_interfaces()) {
    CAPTURE(id);
    CHECK(parse_interface_id(id).has_value());
    CHECK(is_host_interface(id));
    CHECK_FALSE(contains(id, ".draft."));
  }
  for (const std::string_view id : sdk_draft_interfaces()) CHECK(id.starts_with("patchbay.draft."));
}
