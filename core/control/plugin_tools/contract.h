#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "package/plugin_package.h"

namespace patchbay::plugin_tools {

/// How a test of the contract ended, worst last.
enum class Outcome : uint8_t { pass, skip, warn, fail, crashed, timed_out };
[[nodiscard]] std::string_view outcome_name(Outcome outcome);

/// What a test said while it ran.
struct Remark {
  Outcome level = Outcome::pass;
  std::string sentence;
};

/// What a test works with, and where it says what it found. One for each run of a test. Not for several threads.
class Contract {
 public:
  Contract(const package::PackageReport& report, uint64_t seed, uint32_t runs,
           std::function<void(const Remark&)> listener)
      : report_(report), seed_(seed), runs_(runs), listener_(std::move(listener)) {}

  [[nodiscard]] const package::PackageReport& report() const { return report_; }
  [[nodiscard]] std::string file() const { return report_.file.string(); }
  [[nodiscard]] uint64_t seed() const { return seed_; }
  [[nodiscard]] uint32_t runs() const { return runs_; }  ///< rounds of fuzzing

  void skip(std::string sentence) { say(Outcome::skip, std::move(sentence)); }
  void warn(std::string sentence) { say(Outcome::warn, std::move(sentence)); }
  void fail(std::string sentence) { say(Outcome::fail, std::move(sentence)); }
  /// Says `sentence` when `good` is false; returns `good`.
  bool expect(bool good, std::string sentence) {
    if (!good) fail(std::move(sentence));
    return good;
  }

 private:
  void say(Outcome level, std::string sentence) { listener_({level, std::move(sentence)}); }

  const package::PackageReport& report_;
  uint64_t seed_;
  uint32_t runs_;
  std::function<void(const Remark&)> listener_;
};

/// One promise of the contract and how it is tested. `run` loads the plugin: call it in a process of its own.
struct ContractTest {
  std::string_view group;  ///< "file", "manifest", "handshake", "life", "calls", "deferral", "protocol", "fuzz"
  std::string_view name;
  void (*run)(Contract& contract);
  bool loads = true;  ///< runs code of the plugin
};

[[nodiscard]] std::vector<ContractTest> file_tests();
[[nodiscard]] std::vector<ContractTest> handshake_tests();
[[nodiscard]] std::vector<ContractTest> life_tests();
[[nodiscard]] std::vector<ContractTest> call_tests();
[[nodiscard]] std::vector<ContractTest> deferral_tests();
[[nodiscard]] std::vector<ContractTest> kind_tests();

}  // namespace patchbay::plugin_tools
