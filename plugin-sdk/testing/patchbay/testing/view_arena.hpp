// SPDX-License-Identifier: Apache-2.0
// Memory for what a hook is shown, which is spoilt when the call is over, so that a kept pointer shows itself in the
// author's tests.
#pragma once

#include <sys/mman.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <vector>

#include "patchbay/patchbay.h"

namespace patchbay::testing {

/// What happens to views when their call has returned.
enum class views {
  keep,    ///< nothing: to find out whether a fault is one of kept pointers
  poison,  ///< overwritten with 0xDD: wrong results, no crash
  fence    ///< unmapped: the first access through a kept pointer is a segmentation fault at the place that does it
};

/// One call's memory. Not for several threads at once.
class view_arena {
 public:
  explicit view_arena(views mode) : mode_(mode) {}
  view_arena(const view_arena&) = delete;
  view_arena& operator=(const view_arena&) = delete;
  ~view_arena() {
    for (const auto& each : blocks_) ::munmap(each.begin, each.size);
  }

  void* allocate(std::size_t len, std::size_t alignment = 16) {
    used_ = (used_ + alignment - 1) / alignment * alignment;
    if (blocks_.empty() || used_ + len > blocks_.back().size) add_block(len);
    void* out = static_cast<std::uint8_t*>(blocks_.back().begin) + used_;
    used_ += len;
    return out;
  }
  template <typename T>
  T* copy(const T& from) {
    return static_cast<T*>(std::memcpy(allocate(sizeof from, alignof(T)), &from, sizeof from));
  }
  patchbay_bytes copy_bytes(const void* from, std::size_t len) {
    if (len == 0) return {nullptr, 0};
    return {static_cast<const std::uint8_t*>(std::memcpy(allocate(len, 1), from, len)), len};
  }
  patchbay_str copy_text(std::string_view from) {
    const patchbay_bytes copied = copy_bytes(from.data(), from.size());
    return {reinterpret_cast<const char*>(copied.ptr), copied.len};
  }

  /// The call is over.
  void expire() {
    for (const auto& each : blocks_) {
      if (mode_ == views::poison) std::memset(each.begin, 0xDD, each.size);
      if (mode_ == views::fence) ::mprotect(each.begin, each.size, PROT_NONE);
    }
  }

 private:
  struct block {
    void* begin;
    std::size_t size;
  };
  void add_block(std::size_t len) {
    constexpr std::size_t page = 4096;
    const std::size_t size = (len + page - 1) / page * page + page;
    void* begin = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (begin == MAP_FAILED) throw std::bad_alloc();
    blocks_.push_back({begin, size});
    used_ = 0;
  }
  views mode_;
  std::vector<block> blocks_;
  std::size_t used_ = 0;
};

}  // namespace patchbay::testing
