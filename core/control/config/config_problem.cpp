#include "config/config_problem.h"

namespace patchbay::config {

std::string to_text(const ConfigProblem& problem) {
  std::string text = problem.where + ": ";
  if (!problem.key.empty()) text += problem.key + ": ";
  text += problem.found;
  if (!problem.allowed.empty()) text += "; allowed: " + problem.allowed;
  return text;
}

std::string to_text(const std::vector<ConfigProblem>& problems) {
  std::string text;
  for (const ConfigProblem& problem : problems) text += to_text(problem) + '\n';
  const std::string count = std::to_string(problems.size());
  return text + count + (problems.size() == 1 ? " problem" : " problems") + " in the configuration\n";
}

}  // namespace patchbay::config
