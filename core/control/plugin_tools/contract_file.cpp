#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "package/settings_schema.h"
#include "plugin_tools/contract.h"
#include "plugin_tools/plugin_under_test.h"
#include "plugin_tools/process_facts.h"

/// What can be seen of the file, and of loading it.
namespace patchbay::plugin_tools {

namespace {

using package::Finding;

void checks(Contract& contract) {
  for (const Finding& finding : contract.report().findings) {
    const std::string text = finding.sentence + " [" + finding.check + ']';
    finding.level == Finding::Level::refuse ? contract.fail(text) : contract.warn(text);
  }
}

void one_export(Contract& contract) {
  const auto& elf = contract.report().elf;
  if (!contract.expect(elf.has_value(), "it is no shared object that could be read")) return;
  contract.expect(elf->exported.size() == 1 && elf->exported.front() == package::kEntrySymbol,
                  "it exports " + std::to_string(elf->exported.size()) + " symbols; exactly " +
                      std::string(package::kEntrySymbol) + " is allowed");
}

void build_id(Contract& contract) {
  const auto& elf = contract.report().elf;
  if (elf && elf->build_id.empty()) contract.warn("it has no build id; link with -Wl,--build-id=sha1");
}

void loads_quickly(Contract& contract) {
  constexpr uint64_t kLimitMs = 100;
  const base::SystemClock clock;
  const ProcessFacts before = ProcessFacts::now();
  const uint64_t begin_ms = clock.steady_ms();
  const testing::plugin_file file(contract.file());
  const uint64_t took_ms = clock.steady_ms() - begin_ms;
  const ProcessFacts after = ProcessFacts::now();
  if (took_ms > kLimitMs) contract.warn("loading took more than 100 ms: constructors of statics do too much");
  contract.expect(after.threads == before.threads, "loading started a thread");
  contract.expect(after.descriptors <= before.descriptors, "loading opened a descriptor");
}

void same_manifest(Contract& contract) {
  const testing::plugin_file file(contract.file());
  std::string_view section = contract.report().manifest_text;
  const std::string_view entry = file.entry().manifest == nullptr ? "" : file.entry().manifest;
  while (section.ends_with('\0')) section.remove_suffix(1);
  contract.expect(entry == section, "the manifest of the entry is not the one in section .patchbay.manifest");
}

void entry_is_complete(Contract& contract) {
  const testing::plugin_file file(contract.file());
  const patchbay_entry& entry = file.entry();
  contract.expect(entry.size >= sizeof(patchbay_entry), "the entry's size is smaller than that of ABI 1.0");
  contract.expect(entry.create != nullptr, "the entry has no create()");
  contract.expect(entry.flags == 0, "the entry's flags are not 0");
  contract.expect(entry.abi_minor_min <= entry.abi_minor, "the entry's abi_minor_min is above its abi_minor");
  if (entry.build == nullptr || *entry.build == '\0') contract.warn("the entry's build text is empty");
}

void unmaps(Contract& contract) {
  testing::plugin_file file(contract.file());
  const bool never =
      contract.report().manifest && contract.report().manifest->unload == package::Manifest::Unload::never;
  const bool gone = file.close() && !is_mapped(contract.file());
  if (never) return;
  contract.expect(gone, "after dlclose() its code is still mapped, although nothing of it was used");
}

void manifest_reads(Contract& contract) {
  const auto manifest = package::parse_manifest(contract.report().manifest_text);
  if (!manifest) {
    for (const auto& problem : manifest.error()) contract.fail(package::problem_line(problem));
    return;
  }
  for (const std::string& warning : manifest->warnings) contract.warn(warning);
}

void defaults_fit(Contract& contract) {
  const auto& manifest = contract.report().manifest;
  if (!manifest) return contract.skip("no manifest");
  const auto schema = package::SettingsSchema::parse(manifest->config_schema);
  if (!schema) {
    for (const auto& problem : schema.error()) contract.fail(package::problem_line(problem));
    return;
  }
  for (const auto& problem : schema->check(schema->with_defaults(nlohmann::json::object()))) {
    // What is required and has no default is the operator's to give.
    if (problem.text.find("required") == std::string::npos && problem.text.find("missing") == std::string::npos) {
      contract.fail("a default does not fit its own schema: " + package::problem_line(problem));
    }
  }
}

void settings_are_described(Contract& contract) {
  const auto& manifest = contract.report().manifest;
  if (!manifest || manifest->config_schema.empty()) return;
  const auto schema = nlohmann::json::parse(manifest->config_schema, nullptr, false);
  if (!schema.is_object() || !schema.contains("properties")) return;
  for (const auto& [name, property] : schema["properties"].items()) {
    if (!property.contains("title") && !property.contains("description"))
      contract.warn("setting \"" + name + "\" has neither title nor description");
  }
}

}  // namespace

std::vector<ContractTest> file_tests() {
  return {{"file", "checks", &checks, false},
          {"file", "one export", &one_export, false},
          {"file", "build id", &build_id, false},
          {"file", "loads quickly, starts nothing", &loads_quickly},
          {"file", "one manifest", &same_manifest},
          {"file", "entry", &entry_is_complete},
          {"file", "unmaps", &unmaps},
          {"manifest", "reads", &manifest_reads, false},
          {"manifest", "defaults fit their schema", &defaults_fit, false},
          {"manifest", "settings are described", &settings_are_described, false}};
}

}  // namespace patchbay::plugin_tools
