#pragma once

#include <string>

namespace patchbay::plugin_tools {

/// `patchbay plugin new KIND NAME [--lang cpp|c|rust] [--dir D]`.
struct NewOptions {
  std::string kind;              ///< hook, auth, acl, sink, store, protocol, service, ui
  std::string name;              ///< letters, digits and '-': "my-auth"
  std::string language = "cpp";  ///< cpp, c, rust
  std::string dir;               ///< where the plugin's folder is made; "": the current folder
};

/// Writes a folder with source, manifest, build file, tests and README. Never overwrites. Exit code: 0 or 1. [control]
int run_new(const NewOptions& options);

}  // namespace patchbay::plugin_tools
