#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/assert.h"

namespace patchbay::session {

/// A queue in one growing circular array: pushes at the back, pops at the front, access by index, no memory while
/// never used. [shard]
template <class T>
class Ring {
 public:
  Ring() = default;
  Ring(Ring&& other) noexcept { *this = std::move(other); }
  Ring& operator=(Ring&& other) noexcept {
    items_ = std::move(other.items_);
    capacity_ = std::exchange(other.capacity_, 0);
    first_ = std::exchange(other.first_, 0);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] T& operator[](size_t index) { return items_[(first_ + index) & (capacity_ - 1)]; }
  [[nodiscard]] const T& operator[](size_t index) const { return items_[(first_ + index) & (capacity_ - 1)]; }
  [[nodiscard]] T& front() { return (*this)[0]; }

  void push_back(T item) {
    if (size_ == capacity_) grow();
    (*this)[size_] = std::move(item);
    ++size_;
  }
  T pop_front() {
    PATCHBAY_ASSERT(size_ > 0);
    T item = std::exchange(items_[first_], T{});
    first_ = (first_ + 1) & (capacity_ - 1);
    if (--size_ == 0 && capacity_ > kKeptCapacity) release();
    return item;
  }
  void clear() { release(); }

 private:
  static constexpr size_t kFirstCapacity = 4;
  static constexpr size_t kKeptCapacity = 64;  // a burst's memory is given back once the queue is empty

  void grow() {
    const size_t larger = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    auto items = std::make_unique<T[]>(larger);
    for (size_t i = 0; i < size_; ++i) items[i] = std::move((*this)[i]);
    items_ = std::move(items);
    capacity_ = larger;
    first_ = 0;
  }
  void release() {
    items_.reset();
    capacity_ = first_ = size_ = 0;
  }

  std::unique_ptr<T[]> items_;
  size_t capacity_ = 0;
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace patchbay::session
