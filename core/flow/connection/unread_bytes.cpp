#include "connection/unread_bytes.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace patchbay::connection {

void UnreadBytes::grow(size_t capacity) {
  const size_t kept = size();
  void* memory = std::realloc(block_, sizeof(Block) + capacity);
  if (memory == nullptr) throw std::bad_alloc();
  block_ = static_cast<Block*>(memory);
  *block_ = {kept, capacity};
}

void UnreadBytes::assign(std::span<const uint8_t> bytes) {
  if (bytes.empty()) {
    clear();
    return;
  }
  if (block_ == nullptr || block_->capacity < bytes.size()) {
    // The bytes cannot lie in the old block: they would not be more than it holds.
    clear();
    grow(bytes.size());
  }
  std::memmove(data(), bytes.data(), bytes.size());
  block_->size = bytes.size();
}

std::span<uint8_t> UnreadBytes::room(size_t wanted) {
  const size_t have = size();
  if (block_ == nullptr || (block_->capacity == have && wanted > have)) {
    grow(std::min(std::max(wanted, have + 1), std::max(2 * have, kFirstCapacity)));
  }
  const size_t end = std::min(block_->capacity, std::max(wanted, have));
  return {data() + have, end - have};
}

}  // namespace patchbay::connection
