#include "plugin_tools/validate.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "package/sdk_interfaces.h"
#include "plugin_tools/contract_process.h"

namespace patchbay::plugin_tools {

namespace {

using nlohmann::json;

std::vector<ContractTest> all_tests() {
  std::vector<ContractTest> tests;
  for (const auto& group :
       {file_tests(), handshake_tests(), life_tests(), call_tests(), deferral_tests(), kind_tests()})
    tests.insert(tests.end(), group.begin(), group.end());
  return tests;
}

struct FileReport {
  std::string file;
  std::vector<std::pair<ContractTest, TestResult>> results;
  size_t counts[6] = {};

  [[nodiscard]] size_t count(Outcome outcome) const { return counts[static_cast<size_t>(outcome)]; }
  [[nodiscard]] bool good() const {
    return count(Outcome::fail) + count(Outcome::crashed) + count(Outcome::timed_out) == 0;
  }
};

void print(const ContractTest& test, const TestResult& result) {
  std::printf("  %-10s %-10s %s (%llu ms)\n", std::string(outcome_name(result.outcome)).c_str(),
              std::string(test.group).c_str(), std::string(test.name).c_str(),
              static_cast<unsigned long long>(result.duration_ms));
  for (const Remark& remark : result.remarks) std::printf("             - %s\n", remark.sentence.c_str());
  std::fflush(stdout);
}

/// Nothing that would not be loaded by a broker is run here either.
bool may_be_run(const package::PackageReport& report) {
  return report.elf && report.manifest && !package::is_refused(report.findings);
}

FileReport validate_file(const package::PackageReport& report, const RunSettings& settings, bool quiet) {
  FileReport out;
  out.file = report.file.string();
  for (const ContractTest& test : all_tests()) {
    TestResult result;
    if (test.loads && !may_be_run(report)) {
      result = {Outcome::skip, {{Outcome::skip, "not run: a broker would refuse the file before it loads it"}}, 0};
    } else {
      result = run_test(test, report, settings);
    }
    ++out.counts[static_cast<size_t>(result.outcome)];
    if (!quiet) print(test, result);
    out.results.emplace_back(test, std::move(result));
  }
  return out;
}

void print_sum(const FileReport& report, uint64_t seed) {
  std::printf("%s: %s: %zu passed, %zu warned, %zu failed, %zu crashed, %zu timed out, %zu skipped; seed %llu\n",
              report.file.c_str(), report.good() ? "valid" : "NOT VALID", report.count(Outcome::pass),
              report.count(Outcome::warn), report.count(Outcome::fail), report.count(Outcome::crashed),
              report.count(Outcome::timed_out), report.count(Outcome::skip), static_cast<unsigned long long>(seed));
}

json to_json(const FileReport& report, uint64_t seed) {
  json tests = json::array();
  for (const auto& [test, result] : report.results) {
    json remarks = json::array();
    for (const Remark& remark : result.remarks)
      remarks.push_back({{"level", outcome_name(remark.level)}, {"sentence", remark.sentence}});
    tests.push_back({{"group", test.group},
                     {"name", test.name},
                     {"outcome", outcome_name(result.outcome)},
                     {"duration_ms", result.duration_ms},
                     {"remarks", std::move(remarks)}});
  }
  return {{"file", report.file}, {"valid", report.good()}, {"seed", seed}, {"tests", std::move(tests)}};
}

}  // namespace

int run_validate(const ValidateOptions& options) {
  RunSettings settings;
  settings.seed = options.seed.value_or(base::SystemRandom().next() >> 32);
  if (options.runs != 0) settings.runs = options.runs;
  settings.in_process = options.in_process;
  json reports = json::array();
  int exit_code = 0;
  for (const std::string& file : options.files) {
    const auto package = package::inspect_package(file, package::sdk_offer());
    if (!package) {
      std::fprintf(stderr, "patchbay: %s\n", package.error().c_str());
      exit_code = 2;
      continue;
    }
    if (!options.json) std::printf("%s\n", file.c_str());
    const FileReport report = validate_file(*package, settings, options.json);
    if (options.json) reports.push_back(to_json(report, settings.seed));
    if (!options.json) print_sum(report, settings.seed);
    if (!report.good() && exit_code == 0) exit_code = 1;
  }
  if (options.json) std::puts(reports.dump(2, ' ', false, json::error_handler_t::replace).c_str());
  return exit_code;
}

}  // namespace patchbay::plugin_tools
