#include "session/output_buffer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.h"

namespace patchbay::session {

using Chunk = OutputChunkPool::Chunk;

OutputChunkPool::~OutputChunkPool() {
  while (free_ != nullptr) {
    Chunk* next = free_->next;
    free_->~Chunk();
    ::operator delete(free_);
    free_ = next;
  }
}

Chunk* OutputChunkPool::take(size_t capacity) {
  if (capacity == 0 || capacity > kChunkSize) {
    void* memory = ::operator new(sizeof(Chunk) + capacity);
    return new (memory) Chunk{nullptr, 0, 0, static_cast<uint32_t>(capacity), {}, nullptr};
  }
  if (free_ == nullptr) {
    void* memory = ::operator new(sizeof(Chunk) + kChunkSize);
    return new (memory) Chunk{nullptr, 0, 0, kChunkSize, {}, nullptr};
  }
  Chunk* chunk = std::exchange(free_, free_->next);
  --kept_;
  chunk->next = nullptr;
  chunk->begin = chunk->end = 0;
  return chunk;
}

void OutputChunkPool::give_back(Chunk* chunk) {
  if (chunk->capacity == kChunkSize && kept_ < kMaximumKept) {
    chunk->next = std::exchange(free_, chunk);
    ++kept_;
    return;
  }
  chunk->~Chunk();
  ::operator delete(chunk);
}

OutputBuffer::~OutputBuffer() {
  PATCHBAY_ASSERT(first_ == nullptr);
}

void OutputBuffer::add_chunk(OutputChunkPool& pool, size_t size) {
  // One byte at least: a chunk without storage means shared bytes.
  Chunk* chunk = pool.take(std::max<size_t>(size, 1));
  (last_ == nullptr ? first_ : last_->next) = chunk;
  last_ = chunk;
}

void OutputBuffer::append_shared(OutputChunkPool& pool, const mqtt::MessageRef& message,
                                 std::span<const uint8_t> part) {
  if (part.empty()) return;
  Chunk* chunk = pool.take(0);
  chunk->shared = message;
  chunk->shared_bytes = part.data();
  chunk->end = static_cast<uint32_t>(part.size());
  (last_ == nullptr ? first_ : last_->next) = chunk;
  last_ = chunk;
  pending_ += part.size();
}

size_t OutputBuffer::gather(std::span<std::span<const uint8_t>> pieces) const {
  size_t count = 0;
  for (Chunk* chunk = first_; chunk != nullptr && count < pieces.size(); chunk = chunk->next) {
    if (chunk->begin == chunk->end) continue;
    const uint8_t* bytes = chunk->shared ? chunk->shared_bytes : chunk->storage();
    pieces[count++] = {bytes + chunk->begin, chunk->end - chunk->begin};
  }
  return count;
}

void OutputBuffer::consume(OutputChunkPool& pool, size_t size) {
  PATCHBAY_ASSERT(size <= pending_);
  pending_ -= size;
  while (first_ != nullptr) {
    const size_t step = std::min<size_t>(size, first_->end - first_->begin);
    first_->begin += static_cast<uint32_t>(step);
    size -= step;
    if (first_->begin != first_->end) return;
    Chunk* next = first_->next;
    pool.give_back(first_);
    first_ = next;
  }
  last_ = nullptr;
}

void OutputBuffer::clear(OutputChunkPool& pool) {
  consume(pool, pending_);
}

}  // namespace patchbay::session
