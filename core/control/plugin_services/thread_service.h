#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "patchbay/worker.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// patchbay.thread/1 for one instance: threads that the host knows of, so that it knows when they have ended.
class ThreadService {
 public:
  using Function = void (*)(void* self);
  static constexpr size_t kMaximumName = 15;

  explicit ThreadService(ServiceAccount& account);
  ThreadService(const ThreadService&) = delete;
  ThreadService& operator=(const ThreadService&) = delete;
  /// All threads must have ended: see join_all().
  ~ThreadService();

  /// [control], [worker]
  patchbay_status start(std::string_view name, Function function, void* self, uint64_t& thread);
  /// Unknown threads are to stop. [any-thread]
  [[nodiscard]] bool stop_requested(uint64_t thread) const;
  patchbay_status join(uint64_t thread);

  /// From here on stop_requested() says so to all, and none can be started. [control]
  void request_stop();
  /// Joins all; false when some still run after `limit_ms`. [control]
  [[nodiscard]] bool join_all(uint64_t limit_ms);
  /// Kernel ids of the threads that run. [any-thread]
  [[nodiscard]] std::vector<int> thread_ids() const;

 private:
  struct Running;

  void run(const std::shared_ptr<Running>& thread);
  [[nodiscard]] std::shared_ptr<Running> find(uint64_t thread) const;
  void forget(const std::shared_ptr<Running>& thread);

  ServiceAccount& account_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable ended_;
  std::map<uint64_t, std::shared_ptr<Running>> threads_;
  uint64_t next_ = 1;
  bool stopping_ = false;
};

}  // namespace patchbay::plugin_services
