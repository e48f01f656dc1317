#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace patchbay::plugin_bridge {

/// Keys for the entries of one chain's phase that rise in their order and stay the same from one publication to the
/// next, as far as the order does: a run that waits for a deferred answer goes on behind the key of who deferred, and
/// must neither leave anybody out nor ask anybody twice because somebody else has come or gone meanwhile.
class StablePlaces {
 public:
  /// `names`, each once, in their order; the result is in the same order. Names that come in place of others get keys
  /// between their neighbours'. When those that stay have changed their order, all keys are new.
  [[nodiscard]] std::vector<uint32_t> place(const std::vector<std::string>& names);

 private:
  [[nodiscard]] bool keep(const std::vector<std::string>& names, std::vector<uint32_t>& keys) const;

  std::map<std::string, uint32_t> keys_;
};

}  // namespace patchbay::plugin_bridge
