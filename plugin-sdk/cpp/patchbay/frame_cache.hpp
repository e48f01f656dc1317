// SPDX-License-Identifier: Apache-2.0
// Where the frames of an instance's coroutines come from: most end within the call that began them, so that the memory
// of the one before serves the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "patchbay/host.h"

#if defined(__SANITIZE_ADDRESS__)
#define PATCHBAY_POISONS_FRAMES 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PATCHBAY_POISONS_FRAMES 1
#endif
#endif
#if defined(PATCHBAY_POISONS_FRAMES)
#include <sanitizer/asan_interface.h>
#endif

namespace patchbay::detail {

/// Keeps a few ended frames for each shard and size. Only the thread that runs a shard touches what is kept for it, so
/// that nothing need be locked; a frame that begins or ends elsewhere (a worker, the control thread) is the
/// allocator's. Nothing here belongs to a thread, so that an unload leaves nothing behind: all of it goes with the
/// instance, which outlives its frames. [any-thread]
class frame_cache {
 public:
  static constexpr std::size_t step = 256;   ///< sizes are rounded up to a multiple of it
  static constexpr std::size_t classes = 4;  ///< frames beyond step * classes bytes are the allocator's
  static constexpr std::size_t kept = 4;     ///< ended frames of one size and shard; those beyond go to the allocator

  explicit frame_cache(const patchbay_host* host)
      : host_(host), shards_(host->shard_count(host)), of_shards_(std::make_unique<of_shard[]>(shards_)) {}
  frame_cache(const frame_cache&) = delete;
  frame_cache& operator=(const frame_cache&) = delete;
  ~frame_cache() {
    for (std::uint32_t i = 0; i < shards_; ++i) {
      for (std::size_t size_class = 0; size_class < classes; ++size_class) {
        while (head* each = of_shards_[i].take(size_class)) free(each);
      }
    }
  }

  /// Room for a frame of `size` bytes, aligned as by operator new. Throws std::bad_alloc.
  void* allocate(std::size_t size) {
    const std::size_t size_class = (size - 1) / step;
    if (size_class >= classes) return allocate_uncached(size);
    const std::uint32_t shard = host_->shard_index(host_);
    head* made = shard < shards_ ? of_shards_[shard].take(size_class) : nullptr;
    if (made == nullptr) made = static_cast<head*>(::operator new(sizeof(head) + (size_class + 1) * step));
    made->of = this;
    made->size_class = size_class;
    return made + 1;
  }
  /// The same of a coroutine that belongs to no instance that could be seen.
  static void* allocate_uncached(std::size_t size) {
    head* made = static_cast<head*>(::operator new(sizeof(head) + size));
    made->of = nullptr;
    return made + 1;
  }
  /// Gives back what either of the two gave, on whatever thread.
  static void release(void* frame) noexcept {
    head* ended = static_cast<head*>(frame) - 1;
    frame_cache* const of = ended->of;
    if (of == nullptr) return free(ended);
    const std::uint32_t shard = of->host_->shard_index(of->host_);
    if (shard >= of->shards_ || !of->of_shards_[shard].keep(ended)) free(ended);
  }
  /// Frames that wait for use on the calling thread's shard; for tests. [shard]
  std::size_t waiting() const {
    std::size_t sum = 0;
    for (const std::uint8_t count : of_shards_[host_->shard_index(host_)].counts) sum += count;
    return sum;
  }

 private:
  /// In front of each frame.
  struct alignas(__STDCPP_DEFAULT_NEW_ALIGNMENT__) head {
    union {
      frame_cache* of;  ///< null: the allocator's
      head* next;       ///< of one that is kept
    };
    std::size_t size_class;
  };
  /// In a cache line of its own.
  struct alignas(64) of_shard {
    head* first[classes] = {};
    std::uint8_t counts[classes] = {};

    head* take(std::size_t size_class) {
      head* const out = first[size_class];
      if (out == nullptr) return nullptr;
      first[size_class] = out->next;
      --counts[size_class];
      unpoison(out);
      return out;
    }
    bool keep(head* ended) {
      const std::size_t size_class = ended->size_class;
      if (counts[size_class] >= kept) return false;
      ended->next = first[size_class];
      first[size_class] = ended;
      ++counts[size_class];
      poison(ended);
      return true;
    }
  };

  static void free(head* which) { ::operator delete(which); }
  // Whoever looks into a frame that has ended is to be found, although its memory is not freed.
#if defined(PATCHBAY_POISONS_FRAMES)
  static void poison(head* which) {
    ASAN_POISON_MEMORY_REGION(which + 1, (which->size_class + 1) * step);
  }
  static void unpoison(head* which) {
    ASAN_UNPOISON_MEMORY_REGION(which + 1, (which->size_class + 1) * step);
  }
#else
  static void poison(head*) {}
  static void unpoison(head*) {}
#endif

  const patchbay_host* const host_;
  const std::uint32_t shards_;
  const std::unique_ptr<of_shard[]> of_shards_;
};

}  // namespace patchbay::detail
