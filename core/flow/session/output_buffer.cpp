#include "session/output_buffer.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.h"

namespace patchbay::session {

using Chunk = OutputChunkPool::Chunk;

namespace {

Chunk* make_chunk(size_t capacity) {
  void* memory = ::operator new(sizeof(Chunk) + capacity);
  return new (memory) Chunk{nullptr, 0, 0, static_cast<uint32_t>(capacity), {}, nullptr};
}

void destroy_chunk(Chunk* chunk) {
  chunk->~Chunk();
  ::operator delete(chunk);
}

}  // namespace

OutputChunkPool::~OutputChunkPool() {
  for (Kept& kept : kept_) {
    while (kept.first != nullptr) destroy_chunk(std::exchange(kept.first, kept.first->next));
  }
}

OutputChunkPool::Kept* OutputChunkPool::kept_for(size_t capacity) {
  for (Kept& kept : kept_) {
    if (capacity <= kept.capacity) return &kept;
  }
  return nullptr;
}

Chunk* OutputChunkPool::take(size_t capacity) {
  Kept* kept = kept_for(capacity);
  if (kept == nullptr) return make_chunk(capacity);
  if (kept->first == nullptr) return make_chunk(kept->capacity);
  Chunk* chunk = std::exchange(kept->first, kept->first->next);
  --kept->count;
  chunk->next = nullptr;
  chunk->begin = chunk->end = 0;
  return chunk;
}

void OutputChunkPool::give_back(Chunk* chunk) {
  Kept* kept = kept_for(chunk->capacity);
  if (kept == nullptr || kept->count == kept->limit) {
    destroy_chunk(chunk);
    return;
  }
  chunk->shared.reset();
  chunk->next = std::exchange(kept->first, chunk);
  ++kept->count;
}

OutputBuffer::~OutputBuffer() {
  PATCHBAY_ASSERT(first_ == nullptr);
}

void OutputBuffer::add_chunk(OutputChunkPool& pool, size_t size) {
  // One byte at least: a chunk without storage is for shared bytes.
  const size_t least = first_ == nullptr ? 1 : OutputChunkPool::kLargeSize;
  Chunk* chunk = pool.take(std::max(size, least));
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
