#pragma once

#include <cstddef>
#include <cstdint>

#include "access/compiled_filter.h"

namespace patchbay::access {

/// What a name must look like at its front and end for one of four filters to be worth a comparison, side by side: one
/// instruction of the processor puts all four aside. Written in the compiler's vectors, which are words where the
/// processor has none. [any-thread]
class alignas(64) LookLanes {
 public:
  static constexpr size_t kLanes = 4;
  using Words [[gnu::vector_size(16)]] = uint32_t;

  /// A name's front and end, once for each lane.
  struct Asked {
    Asked(uint64_t front, uint64_t tail)
        : front_low(Words{} + low(front)),
          front_high(Words{} + high(front)),
          tail_low(Words{} + low(tail)),
          tail_high(Words{} + high(tail)) {}
    Words front_low;
    Words front_high;
    Words tail_low;
    Words tail_high;
  };

  void set(size_t lane, const CompiledFilter::Look& look) {
    front_low_[lane] = low(look.front);
    front_high_[lane] = high(look.front);
    tail_low_[lane] = low(look.tail);
    tail_high_[lane] = high(look.tail);
    front_low_mask_[lane] = low(look.front_mask);
    front_high_mask_[lane] = high(look.front_mask);
    tail_low_mask_[lane] = low(look.tail_mask);
    tail_high_mask_[lane] = high(look.tail_mask);
  }
  /// Bit n: the name fits lane n, as far as this tells.
  [[nodiscard]] unsigned fitting(const Asked& asked) const {
    const auto fits =
        ((asked.front_low & front_low_mask_) == front_low_) & ((asked.front_high & front_high_mask_) == front_high_) &
        ((asked.tail_low & tail_low_mask_) == tail_low_) & ((asked.tail_high & tail_high_mask_) == tail_high_);
    const auto halves = reinterpret_cast<Pair>(reinterpret_cast<Words>(fits) & Words{1, 2, 4, 8});
    const uint64_t either = halves[0] | halves[1];
    if (either == 0) return 0;  // nearly always
    return static_cast<unsigned>((either | either >> 32) & 0xF);
  }

 private:
  using Pair [[gnu::vector_size(16)]] = uint64_t;
  static constexpr uint32_t low(uint64_t word) { return static_cast<uint32_t>(word); }
  static constexpr uint32_t high(uint64_t word) { return static_cast<uint32_t>(word >> 32); }

  // A lane that was not set is for no name: nothing but 0 is left of a word behind a mask of 0.
  Words front_low_ = Words{} + 1;
  Words front_high_{};
  Words tail_low_{};
  Words tail_high_{};
  Words front_low_mask_{};
  Words front_high_mask_{};
  Words tail_low_mask_{};
  Words tail_high_mask_{};
};

}  // namespace patchbay::access
