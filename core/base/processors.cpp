#include "base/processors.h"

#include <sched.h>

#include <memory>

namespace patchbay::base {
namespace {

// Machines may have more processors than a cpu_set_t has bits for: CPU_ALLOC(3).
constexpr int kProcessorsMax = 8192;
constexpr size_t kSetBytes = CPU_ALLOC_SIZE(kProcessorsMax);

struct FreeSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};
using ProcessorSet = std::unique_ptr<cpu_set_t, FreeSet>;

ProcessorSet make_set() {
  ProcessorSet set(CPU_ALLOC(kProcessorsMax));
  CPU_ZERO_S(kSetBytes, set.get());
  return set;
}

}  // namespace

std::vector<int> allowed_processors() {
  const ProcessorSet set = make_set();
  std::vector<int> processors;
  if (::sched_getaffinity(0, kSetBytes, set.get()) == 0) {
    for (int processor = 0; processor < kProcessorsMax; ++processor) {
      if (CPU_ISSET_S(static_cast<size_t>(processor), kSetBytes, set.get())) processors.push_back(processor);
    }
  }
  if (processors.empty()) processors.push_back(0);
  return processors;
}

bool stay_on_processor(int processor) {
  if (processor < 0 || processor >= kProcessorsMax) return false;
  const ProcessorSet set = make_set();
  CPU_SET_S(static_cast<size_t>(processor), kSetBytes, set.get());
  return ::sched_setaffinity(0, kSetBytes, set.get()) == 0;
}

}  // namespace patchbay::base
