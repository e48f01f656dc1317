// Bytes that are written together: some of their own, some that stay where they are until then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <patchbay/base.hpp>

namespace patchbay::stomp {

/// Frames on their way to write(). What is appended is copied; what is referred to must not change before clear(). For
/// one shard.
class FrameBatch {
 public:
  /// Whether so many bytes can be appended, and something be referred to, before clear() is called for.
  [[nodiscard]] bool has_room(std::size_t own_bytes) const {
    return own_bytes <= capacity_ - used_ && spans_.size() + 3 <= kMaximumSpans;
  }
  /// Makes room where there is none. Only while nothing waits.
  void make_room(std::size_t own_bytes) {
    if (own_bytes <= capacity_) return;
    capacity_ = own_bytes < kFirstCapacity ? kFirstCapacity : own_bytes;
    own_ = std::make_unique<std::uint8_t[]>(capacity_);
    spans_.reserve(kMaximumSpans);
  }
  /// has_room() has said yes.
  void append(std::string_view bytes) {
    if (bytes.empty()) return;  // it may have no address then, which memcpy() wants
    std::memcpy(own_.get() + used_, bytes.data(), bytes.size());
    used_ += bytes.size();
    size_ += bytes.size();
  }
  void refer(std::string_view bytes) {
    end_run();
    spans_.push_back({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    size_ += bytes.size();
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<const patchbay_bytes> spans() {
    end_run();
    return spans_;
  }
  void clear() {
    spans_.clear();
    used_ = run_begin_ = size_ = 0;
  }

 private:
  /// What was appended in a row becomes one span.
  void end_run() {
    if (used_ == run_begin_) return;
    spans_.push_back({own_.get() + run_begin_, used_ - run_begin_});
    run_begin_ = used_;
  }

  static constexpr std::size_t kFirstCapacity = 64 * 1024;
  static constexpr std::size_t kMaximumSpans = 256;

  std::unique_ptr<std::uint8_t[]> own_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  std::size_t run_begin_ = 0;  ///< own bytes from here on are not in a span yet
  std::size_t size_ = 0;
  std::vector<patchbay_bytes> spans_;
};

}  // namespace patchbay::stomp
