#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugin_tools/contract.h"

namespace patchbay::plugin_tools {

/// What became of one test.
struct TestResult {
  Outcome outcome = Outcome::pass;
  std::vector<Remark> remarks;
  uint64_t duration_ms = 0;
};

/// How tests are run.
struct RunSettings {
  uint64_t seed = 1;
  uint32_t runs = 200;
  bool in_process = false;
  uint32_t timeout_ms = 45'000;  ///< a child that takes longer is killed: timed_out
};

/// Runs `test` in a child process, so that a crash or a hang of the plugin is a result like any other. [control]
[[nodiscard]] TestResult run_test(const ContractTest& test, const package::PackageReport& report,
                                  const RunSettings& settings);

}  // namespace patchbay::plugin_tools
