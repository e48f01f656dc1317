#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config_keys.h"
#include "config/config_loader.h"

namespace patchbay::config {

/// What was changed while the broker ran, as it is kept in the data directory: keys and their values in TOML's
/// notation, one in a line. It holds only what was changed, is loaded between the configuration file and the
/// environment, and is checked by the same table of keys. A value. [control]
class RuntimeChanges {
 public:
  /// Reads what text() wrote; the error names the line that is something else.
  [[nodiscard]] static base::Result<RuntimeChanges, std::string> parse(std::string_view text);
  [[nodiscard]] std::string text() const;

  /// Records everything in which `after` differs from `before`. What cannot be kept this way is returned, a line each;
  /// `base` is the configuration without these changes, and says whether a listener that went would come back.
  [[nodiscard]] std::vector<std::string> record(const Config& before, const Config& after, const Config& base);

  [[nodiscard]] const std::map<std::string, std::string>& values() const { return values_; }

 private:
  void put(const KeyRow& row, const std::string& key, const void* object);
  void put_listener(ListenerType type, const std::string& name, const ListenerConfig& listener);
  void forget_listener(const std::string& prefix);

  std::map<std::string, std::string> values_;
};

/// Where a change of these keys would be of no effect after a restart, since a stronger source (the environment, --set)
/// gives another value: a line each. `wanted` is what was asked for, `loaded` what a start would make of it.
[[nodiscard]] std::vector<std::string> overruled(const Config& wanted, const LoadedConfig& loaded,
                                                 const RuntimeChanges& changes);

}  // namespace patchbay::config
