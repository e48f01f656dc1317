#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

#include "operations/trace_event.h"

namespace patchbay::operations {

/// The bounded file of one trace: lines are added at its end; what does not fit is dropped and counted. [any-thread]
/// but shards: everything here blocks on the disk.
class TraceFile {
 public:
  static constexpr uint64_t kBytesMax = 64ull << 20;

  /// Opens or makes the file, mode 0600.
  TraceFile(std::filesystem::path path, TraceFormat format, TracePayload payload, uint64_t bytes_max = kBytesMax);
  ~TraceFile();
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  void append(const TraceEvent& event);
  /// Up to `bytes` from `position` on.
  [[nodiscard]] std::string read(uint64_t position, size_t bytes) const;
  [[nodiscard]] uint64_t size() const { return size_.load(); }
  [[nodiscard]] uint64_t dropped_lines() const { return dropped_.load(); }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  /// The file is no longer there; later lines go nowhere.
  void remove();

 private:
  const std::filesystem::path path_;
  const TraceFormat format_;
  const TracePayload payload_;
  const uint64_t bytes_max_;
  std::mutex writing_;
  int descriptor_ = -1;
  std::atomic<uint64_t> size_{0};
  std::atomic<uint64_t> dropped_{0};
  std::atomic<bool> removed_{false};
};

}  // namespace patchbay::operations
