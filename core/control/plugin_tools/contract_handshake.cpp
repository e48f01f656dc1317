#include <map>

#include "package/sdk_interfaces.h"
#include "plugin_tools/contract.h"
#include "plugin_tools/plugin_under_test.h"

/// Hosts that are newer, older, or give less.
namespace patchbay::plugin_tools {

namespace {

void newer_host(Contract& contract) {
  // The table is longer than the plugin knows: it must look no further than its own headers say.
  PluginUnderTest plugin(contract, {.abi_minor = PATCHBAY_ABI_MINOR + 7, .table_size = sizeof(patchbay_host) + 64});
  if (!plugin.start()) return;
  plugin.end();
}

void short_table(Contract& contract) {
  constexpr uint32_t kFirstFieldsOnly = 24;
  testing::plugin_file file(contract.file());
  testing::fake_host host({.table_size = kFirstFieldsOnly});
  // Either is right: no instance, or one that does without. A crash is not.
  if (host.create(file.entry()) == PATCHBAY_OK) host.destroy();
}

void unknown_interface(Contract& contract) {
  PluginUnderTest plugin(contract);
  if (!plugin.start()) return;
  contract.expect(plugin.host().get<void*>("com.example.unknown/1") == nullptr,
                  "get() gave a table for an interface that nobody has defined");
  contract.expect(plugin.host().get<void*>("") == nullptr, "get() gave a table for an empty id");
  plugin.end();
}

/// Without each interface in turn: what it only wants it does without, what it needs it may refuse with a sentence.
void without_each(Contract& contract) {
  const auto& manifest = contract.report().manifest;
  const auto settings = settings_for(contract);
  if (!manifest || !settings) return;
  for (const std::string_view id : package::sdk_host_interfaces()) {
    if (id == PATCHBAY_ANSWERS_1) continue;  // a part of the host that is always there
    PluginUnderTest plugin(contract, {.without = {std::string(id)}});
    plugin.host().settings(*settings);
    const patchbay_status status = plugin.host().start(plugin.file().entry());
    const auto& needs = manifest->needs;
    const bool needed = std::find(needs.begin(), needs.end(), id) != needs.end();
    if (status != PATCHBAY_OK && !needed) {
      contract.fail("it does not start without " + std::string(id) + ", which the manifest's needs do not name");
    }
    if (status == PATCHBAY_OK) {
      for (const uint32_t hook : plugin.hooks()) ask(plugin.host(), hook, {});
    }
    plugin.end();
  }
}

void declared_hooks(Contract& contract) {
  const auto& manifest = contract.report().manifest;
  PluginUnderTest plugin(contract);
  if (!manifest || !plugin.start()) return;
  std::map<std::string, bool> declared;  // name, registered
  for (const auto& proposal : manifest->hooks) declared[proposal.hook] = false;
  for (const uint32_t hook : plugin.hooks()) {
    const std::string name(testing::hook_row_of(hook).name);
    if (!declared.contains(name)) contract.warn("it listens at " + name + ", which the manifest's hooks do not name");
    declared[name] = true;
  }
  for (const auto& [name, registered] : declared) {
    if (!registered)
      contract.warn("the manifest names hook " + name + ", but with these settings nothing listens there");
  }
  plugin.end();
}

}  // namespace

std::vector<ContractTest> handshake_tests() {
  return {{"handshake", "newer host", &newer_host},
          {"handshake", "host with a short table", &short_table},
          {"handshake", "unknown interfaces", &unknown_interface},
          {"handshake", "without each interface", &without_each},
          {"handshake", "declared hooks", &declared_hooks}};
}

}  // namespace patchbay::plugin_tools
