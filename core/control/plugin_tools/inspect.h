#pragma once

#include <cstdio>
#include <string>

namespace patchbay::plugin_tools {

/// `patchbay plugin inspect FILE [--json]`.
struct InspectOptions {
  std::string file;
  bool json = false;
};

/// Prints what the file says about itself and what the checks find; runs no code of it. Exit code: 0 it would be taken,
/// 1 it would be refused, 2 it cannot be read. [control]
int run_inspect(const InspectOptions& options, std::FILE* out, std::FILE* errors);

}  // namespace patchbay::plugin_tools
