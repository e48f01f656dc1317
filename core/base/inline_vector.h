#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace patchbay::base {

/// A growing row of elements, the first `Inside` of which lie in the object itself, so that a short row needs no memory
/// of its own. Growing moves the elements: pointers and spans into it end with the next push_back(). Not copied, not
/// moved. [shard]
template <class T, size_t Inside>
class InlineVector {
  static_assert(std::is_nothrow_move_constructible_v<T> && Inside > 0);

 public:
  InlineVector() = default;
  InlineVector(const InlineVector&) = delete;
  InlineVector& operator=(const InlineVector&) = delete;
  ~InlineVector() {
    std::destroy_n(first_, size_);
    if (!is_inside()) std::allocator<T>().deallocate(first_, capacity_);
  }

  T& push_back(T value) {
    if (size_ == capacity_) grow();
    return *std::construct_at(first_ + size_++, std::move(value));
  }

  /// Destroys the elements; their room is kept.
  void clear() { std::destroy_n(first_, std::exchange(size_, 0)); }

  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Whether all elements still lie in the object.
  [[nodiscard]] bool is_inside() const { return first_ == inside(); }
  [[nodiscard]] T& operator[](size_t at) {
    PATCHBAY_ASSERT(at < size_);
    return first_[at];
  }
  [[nodiscard]] const T* data() const { return first_; }
  [[nodiscard]] T* begin() { return first_; }
  [[nodiscard]] T* end() { return first_ + size_; }
  [[nodiscard]] const T* begin() const { return first_; }
  [[nodiscard]] const T* end() const { return first_ + size_; }

 private:
  [[nodiscard]] T* inside() { return reinterpret_cast<T*>(storage_); }
  [[nodiscard]] const T* inside() const { return reinterpret_cast<const T*>(storage_); }

  void grow() {
    const size_t capacity = capacity_ * 2;
    T* const to = std::allocator<T>().allocate(capacity);
    std::uninitialized_move_n(first_, size_, to);
    std::destroy_n(first_, size_);
    if (!is_inside()) std::allocator<T>().deallocate(first_, capacity_);
    first_ = to;
    capacity_ = capacity;
  }

  T* first_ = inside();
  size_t size_ = 0;
  size_t capacity_ = Inside;
  alignas(T) std::byte storage_[Inside * sizeof(T)];
};

}  // namespace patchbay::base
