#pragma once

#include <memory>
#include <optional>
#include <string>

#include "rule_set.h"
#include "settings.h"
#include "support/whole_file.h"

namespace patchbay::acl_file {

/// Rules as they were read, or what is wrong with them: one line for each mistake, with file and line.
struct LoadedRules {
  std::shared_ptr<const RuleSet> rules;
  std::string problem;
  std::optional<support::FileStamp> stamp;  ///< of the file that was read, taken before it was
};

/// Reads the rules that the settings name. May block. [control], [worker]
[[nodiscard]] LoadedRules load_rules(const Settings& settings);

}  // namespace patchbay::acl_file
