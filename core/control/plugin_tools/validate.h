#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::plugin_tools {

/// `patchbay plugin validate FILE... [--json] [--seed N] [--runs N] [--in-process]`.
struct ValidateOptions {
  std::vector<std::string> files;
  bool json = false;
  bool in_process = false;       ///< no child process for each test: for debuggers
  std::optional<uint64_t> seed;  ///< nothing: a new one, which is printed
  uint32_t runs = 0;             ///< fuzzing rounds; 0: the validator's default
};

/// Runs the contract's tests against each file. Exit code: 0 all passed, 1 something failed, 2 a file cannot be read.
/// [control]
int run_validate(const ValidateOptions& options);

}  // namespace patchbay::plugin_tools
