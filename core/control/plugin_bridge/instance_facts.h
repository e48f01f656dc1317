#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "patchbay/types.h"

namespace patchbay::plugin_bridge {

/// What the host knows of an instance before it exists. Constant.
struct InstanceFacts {
  std::string name;       ///< as the operator gave it, unique on the node
  uint32_t number = 0;    ///< not 0, unique on the node and not used again while it runs: as in origin_instance
  std::string plugin_id;  ///< "com.example.auth-http"
  std::string version;    ///< "1.4.0"
  std::set<std::string, std::less<>> permissions;  ///< granted by the operator
  bool client_slot = false;                        ///< the manifest asks for one
  bool worker_execution = false;                   ///< all hooks run on workers
  uint32_t maximum_tokens = 10'000;                ///< open at once; above, questions cannot be deferred
  uint32_t log_level = PATCHBAY_LOG_INFO;
};

}  // namespace patchbay::plugin_bridge
