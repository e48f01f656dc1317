#pragma once

#include <cstdint>

namespace patchbay::base {

/// The only source of randomness of the flow plane. [shard]
class Random {
 public:
  virtual ~Random() = default;
  /// 64 unpredictable bits (SystemRandom) or the next of a seeded sequence (SeededRandom).
  [[nodiscard]] virtual uint64_t next() = 0;
  /// A number below `bound`, which must not be 0. The bias of the modulo is far below what a choice of members can
  /// notice.
  [[nodiscard]] uint64_t below(uint64_t bound) { return next() % bound; }
};

/// Kernel entropy, fetched in blocks so that a call is cheap.
class SystemRandom final : public Random {
 public:
  [[nodiscard]] uint64_t next() override;

 private:
  static constexpr unsigned kBlock = 32;
  uint64_t block_[kBlock] = {};
  unsigned used_ = kBlock;
};

/// splitmix64: the same seed gives the same run, for tests and simulation.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  [[nodiscard]] uint64_t next() override;

 private:
  uint64_t state_;
};

}  // namespace patchbay::base
