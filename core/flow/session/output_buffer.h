#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "mqtt/application_message.h"

namespace patchbay::session {

/// Blocks of one shard's output, kept for reuse: a connection holds one only while it has bytes to send. [shard]
///
/// A buffer begins with a small block: in a fan-out, many connections have a few bytes each in the same turn, and these
/// must lie close together to stay in the cache. What follows comes in large ones.
class OutputChunkPool {
 public:
  static constexpr size_t kSmallSize = 1024;
  static constexpr size_t kLargeSize = 16 * 1024;

  struct Chunk {
    Chunk* next;
    uint32_t begin;           ///< first byte not yet sent
    uint32_t end;             ///< one past the last byte written
    uint32_t capacity;        ///< bytes of storage behind this header
    mqtt::MessageRef shared;  ///< when set, the bytes are `shared_bytes`, part of this message, and storage is not used
    const uint8_t* shared_bytes;
    uint8_t* storage() { return reinterpret_cast<uint8_t*>(this + 1); }
  };

  OutputChunkPool() = default;
  OutputChunkPool(const OutputChunkPool&) = delete;
  OutputChunkPool& operator=(const OutputChunkPool&) = delete;
  ~OutputChunkPool();

  /// A chunk with at least `capacity` bytes of storage (0: for shared bytes). Sizes beyond kLargeSize are not kept.
  [[nodiscard]] Chunk* take(size_t capacity);
  void give_back(Chunk* chunk);

 private:
  struct Kept {
    size_t capacity;
    size_t limit;  ///< chunks kept at most
    size_t count = 0;
    Chunk* first = nullptr;
  };
  [[nodiscard]] Kept* kept_for(size_t capacity);

  std::array<Kept, 3> kept_ = {Kept{0, 1024}, Kept{kSmallSize, 4096}, Kept{kLargeSize, 256}};
};

/// Bytes on their way to one connection, in order. Small pieces are copied together, large payloads are referenced.
/// Costs three words while empty. Its bound is kept by its users: see ConnectionPort::writable(). [shard]
class OutputBuffer {
 public:
  /// Payloads from this size on are sent from the message itself instead of being copied.
  static constexpr size_t kShareFrom = 2048;

  OutputBuffer() = default;
  OutputBuffer(const OutputBuffer&) = delete;
  OutputBuffer& operator=(const OutputBuffer&) = delete;
  ~OutputBuffer();  // the buffer must be empty or clear()ed by then

  /// `size` contiguous writable bytes at the end; valid until the next call. Follow with commit().
  [[nodiscard]] uint8_t* reserve(OutputChunkPool& pool, size_t size) {
    if (last_ == nullptr || last_->shared || last_->capacity - last_->end < size) add_chunk(pool, size);
    return last_->storage() + last_->end;
  }
  /// Makes the first `size` of the reserved bytes part of the output.
  void commit(size_t size) {
    last_->end += static_cast<uint32_t>(size);
    pending_ += size;
  }
  /// Copies; what is more than a chunk of the pool holds is cut, so that no chunk has to be made for it.
  void append(OutputChunkPool& pool, std::span<const uint8_t> bytes) {
    while (bytes.size() > OutputChunkPool::kLargeSize) {
      append_piece(pool, bytes.first(OutputChunkPool::kLargeSize));
      bytes = bytes.subspan(OutputChunkPool::kLargeSize);
    }
    append_piece(pool, bytes);
  }
  /// Appends `part`, which lies in `message`, without copying it.
  void append_shared(OutputChunkPool& pool, const mqtt::MessageRef& message, std::span<const uint8_t> part);

  /// Fills `pieces` with what is to be sent next; returns how many it filled.
  [[nodiscard]] size_t gather(std::span<std::span<const uint8_t>> pieces) const;
  /// All that is to be sent, where it lies in one piece; else nothing.
  [[nodiscard]] std::span<const uint8_t> only_piece() const {
    if (first_ == nullptr || first_ != last_) return {};
    const uint8_t* bytes = first_->shared ? first_->shared_bytes : first_->storage();
    return {bytes + first_->begin, first_->end - first_->begin};
  }
  /// Forgets the first `size` bytes: they are sent. Chunks that became empty go back to the pool.
  void consume(OutputChunkPool& pool, size_t size);
  void clear(OutputChunkPool& pool);

  [[nodiscard]] size_t size() const { return pending_; }
  [[nodiscard]] bool empty() const { return pending_ == 0; }

 private:
  void add_chunk(OutputChunkPool& pool, size_t size);
  void append_piece(OutputChunkPool& pool, std::span<const uint8_t> bytes) {
    std::memcpy(reserve(pool, bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }

  OutputChunkPool::Chunk* first_ = nullptr;
  OutputChunkPool::Chunk* last_ = nullptr;
  size_t pending_ = 0;
};

}  // namespace patchbay::session
