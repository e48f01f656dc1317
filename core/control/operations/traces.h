#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "operations/operations_environment.h"
#include "operations/trace_file.h"
#include "operations/trace_spec.h"
#include "operations/trace_view.h"
#include "operations/work_queue.h"

namespace patchbay::operations {

/// What happens to a client, a topic or an address, written into a file while an operator wants to know. Files and the
/// list of traces are in `trace/` of the data directory. Shards hand copies over to the queue, whose thread writes;
/// what does not fit in is dropped and counted. No entry is in any chain while no trace runs. [control]
class Traces {
 public:
  static constexpr size_t kTracesMax = TraceView::kTracesMax;

  enum class Refusal : uint8_t { invalid, exists, full, no_file };
  struct Problem {
    Refusal refusal = Refusal::invalid;
    std::string sentence;
  };
  struct Report {
    TraceSpec spec;
    TraceStatus status = TraceStatus::waiting;
    uint64_t bytes = 0;
    uint64_t dropped_lines = 0;  ///< the file was full, or the disk
  };
  struct Part {
    std::string text;
    uint64_t position = 0;  ///< to read on from
  };

  Traces(const OperationsEnvironment& environment, WorkQueue& queue);
  Traces(const Traces&) = delete;
  Traces& operator=(const Traces&) = delete;

  /// Reads what was kept, and goes on with it. The error is a sentence.
  [[nodiscard]] base::Result<bool, std::string> load();
  [[nodiscard]] base::Result<TraceSpec, Problem> add(TraceSpec spec);
  /// Ends it now; its file stays. False: there is none.
  bool stop(std::string_view name);
  /// Removes it with its file.
  bool remove(std::string_view name);
  void clear();
  [[nodiscard]] std::vector<Report> list() const;
  [[nodiscard]] std::optional<Report> find(std::string_view name) const;
  /// Of the file; nothing where there is no such trace.
  [[nodiscard]] std::optional<Part> read(std::string_view name, uint64_t position, size_t bytes) const;
  /// Events that the queue had no room for. [any-thread]
  [[nodiscard]] uint64_t dropped_events() const { return dropped_.load(std::memory_order_relaxed); }
  /// Starts and stops what is due; about every second.
  void tick();

 private:
  struct Trace {
    TraceSpec spec;
    std::shared_ptr<TraceFile> file;
    bool running = false;  ///< as last published
  };

  [[nodiscard]] TraceStatus status_of(const TraceSpec& spec) const;
  [[nodiscard]] Report report_of(const Trace& trace) const;
  [[nodiscard]] std::shared_ptr<TraceFile> open_file(const TraceSpec& spec) const;
  void publish();
  void keep() const;

  const OperationsEnvironment& environment_;
  WorkQueue& queue_;
  const std::filesystem::path folder_;
  std::atomic<uint64_t> dropped_{0};
  std::mutex publishing_;  ///< the latest set is published last
  mutable std::mutex mutex_;
  std::map<std::string, Trace, std::less<>> traces_;  ///< guarded by mutex_
};

/// The list's text, and back. The error is a sentence.
[[nodiscard]] std::string traces_to_json(const std::vector<TraceSpec>& traces);
[[nodiscard]] base::Result<std::vector<TraceSpec>, std::string> traces_from_json(const std::string& text);

}  // namespace patchbay::operations
