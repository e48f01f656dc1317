#pragma once

#include <string>

#include "package/manifest.h"
#include "patchbay/host.h"

namespace patchbay::plugin_host {

/// What is wrong with the object that a plugin file exports, as a sentence that says what was found and what is
/// allowed; "": nothing. `manifest` is what its section said before anything was mapped. [any-thread]
[[nodiscard]] std::string entry_problem(const patchbay_entry& entry, const package::Manifest& manifest);

/// What is wrong with an instance's table; "": nothing. [any-thread]
[[nodiscard]] std::string plugin_table_problem(const patchbay_plugin& plugin);

}  // namespace patchbay::plugin_host
