#include "plugin_host/entry_check.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace patchbay::plugin_host {

namespace {

std::string hexadecimal(uint32_t number) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", number);
  return text.data();
}

// The bytes need not be equal (a tool may have reformatted the section), the document must be.
bool same_document(const char* text, const std::string& manifest_json) {
  const auto one = nlohmann::json::parse(text, nullptr, false);
  const auto other = nlohmann::json::parse(manifest_json, nullptr, false);
  return !one.is_discarded() && one == other;
}

}  // namespace

std::string entry_problem(const patchbay_entry& entry, const package::Manifest& manifest) {
  if (entry.magic != PATCHBAY_ENTRY_MAGIC) {
    return "found magic " + hexadecimal(entry.magic) + " in its entry; allowed: " + hexadecimal(PATCHBAY_ENTRY_MAGIC);
  }
  if (!PATCHBAY_HAS(patchbay_entry, &entry, create)) {
    return "found an entry of " + std::to_string(entry.size) + " bytes; allowed: at least " +
           std::to_string(sizeof(patchbay_entry));
  }
  if (entry.abi_major != PATCHBAY_ABI_MAJOR) {
    return "found ABI major version " + std::to_string(entry.abi_major) +
           " in its entry; allowed: " + std::to_string(PATCHBAY_ABI_MAJOR);
  }
  if (entry.abi_minor_min > PATCHBAY_ABI_MINOR) {
    return "found an entry that needs ABI 1." + std::to_string(entry.abi_minor_min) + "; this host has 1." +
           std::to_string(PATCHBAY_ABI_MINOR);
  }
  if (entry.create == nullptr) return "found an entry without create(); allowed: a function that makes an instance";
  if (entry.manifest == nullptr || !same_document(entry.manifest, manifest.json)) {
    return "found a manifest in its entry that differs from the one in section .patchbay.manifest; allowed: the same";
  }
  return {};
}

std::string plugin_table_problem(const patchbay_plugin& plugin) {
  if (!PATCHBAY_HAS(patchbay_plugin, &plugin, destroy)) {
    return "create() gave a table of " + std::to_string(plugin.size) + " bytes; allowed: at least " +
           std::to_string(offsetof(patchbay_plugin, on_cancel));
  }
  for (const auto& [present, name] :
       {std::pair{plugin.configure != nullptr, "configure"}, std::pair{plugin.start != nullptr, "start"},
        std::pair{plugin.stop != nullptr, "stop"}, std::pair{plugin.destroy != nullptr, "destroy"}}) {
    if (!present) return std::string("create() gave a table without ") + name + "(), which every plugin has";
  }
  return {};
}

}  // namespace patchbay::plugin_host
