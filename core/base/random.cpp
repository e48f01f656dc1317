#include "base/random.h"

#include <sys/random.h>

#include "base/assert.h"

namespace patchbay::base {

uint64_t SystemRandom::next() {
  if (used_ == kBlock) {
    const auto got = getrandom(block_, sizeof(block_), 0);
    PATCHBAY_ASSERT(got == static_cast<ssize_t>(sizeof(block_)));
    used_ = 0;
  }
  const uint64_t value = block_[used_];
  block_[used_++] = 0;  // a value given out is not left in memory
  return value;
}

uint64_t SeededRandom::next() {
  state_ += 0x9E3779B97F4A7C15ULL;
  uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace patchbay::base
