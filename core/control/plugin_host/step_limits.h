#pragma once

#include <cstdint>
#include <string_view>

namespace patchbay::plugin_host {

/// How long one step of a plugin's life may take: a line in the log above `warn_ms`, given up above `limit_ms`.
struct StepLimit {
  std::string_view name;
  uint64_t warn_ms;
  uint64_t limit_ms;
};

/// The steps and their limits; tests set shorter ones.
struct StepLimits {
  StepLimit verify{"verify", 2'000, 30'000};
  StepLimit load{"load", 100, 1'000};
  StepLimit create{"create", 100, 1'000};
  StepLimit check{"check", 500, 5'000};
  StepLimit configure{"configure", 500, 5'000};
  StepLimit state{"state", 500, 5'000};
  StepLimit start{"start", 1'000, 10'000};
  StepLimit publish{"publish", 1'000, 30'000};
  StepLimit drain{"drain", 500, 10'000};
  StepLimit stop{"stop", 1'000, 10'000};
  StepLimit destroy{"destroy", 100, 1'000};
  StepLimit close{"close", 100, 5'000};
  StepLimit health{"health", 100, 1'000};
  uint64_t barrier_ms = 2'000;         ///< for one try; tried again until the drain's end
  uint64_t after_stop_grace_ms = 500;  ///< for what stop() has released to be counted back by other threads
};

}  // namespace patchbay::plugin_host
