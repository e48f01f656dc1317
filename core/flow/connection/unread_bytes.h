#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>

namespace patchbay::connection {

/// What a machine has not consumed yet: the beginning of an incomplete packet, or what waits while reading is paused.
/// One word while empty. May change shards with its connection.
class UnreadBytes {
 public:
  UnreadBytes() = default;
  UnreadBytes(UnreadBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  UnreadBytes& operator=(UnreadBytes&& other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~UnreadBytes() { clear(); }

  [[nodiscard]] bool empty() const { return block_ == nullptr; }
  [[nodiscard]] size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  [[nodiscard]] std::span<const uint8_t> bytes() const {
    return block_ == nullptr ? std::span<const uint8_t>{} : std::span<const uint8_t>{data(), block_->size};
  }

  /// Makes these bytes, which may lie inside this object, all there is. No bytes: frees the memory.
  void assign(std::span<const uint8_t> bytes);
  /// Room behind the bytes for reading towards `wanted` bytes in all. Memory grows with what has really come, so that
  /// an announced length alone costs nothing. Follow with added().
  [[nodiscard]] std::span<uint8_t> room(size_t wanted);
  void added(size_t size) { block_->size += size; }
  void clear() {
    if (block_ == nullptr) return;
    std::free(block_);
    block_ = nullptr;
  }

 private:
  struct Block {
    size_t size;
    size_t capacity;
  };
  static constexpr size_t kFirstCapacity = 4096;

  [[nodiscard]] uint8_t* data() const { return reinterpret_cast<uint8_t*>(block_ + 1); }
  void grow(size_t capacity);

  Block* block_ = nullptr;
};

}  // namespace patchbay::connection
