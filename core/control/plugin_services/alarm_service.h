#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "patchbay/metrics.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// Role: the node's alarms, as instances raise them. Implemented by the plugin host. [any-thread]
class AlarmBoard {
 public:
  virtual ~AlarmBoard() = default;
  /// Raises alarm `name` of the instance, or renews its text. False: the node has too many.
  virtual bool raise(const plugin_bridge::InstanceFacts& instance, std::string_view name, std::string_view text) = 0;
  virtual void clear(const plugin_bridge::InstanceFacts& instance, std::string_view name) = 0;
};

/// patchbay.alarm/1 for one instance. Its alarms end with it. [any-thread]
class AlarmService {
 public:
  static constexpr size_t kMaximumName = 64;
  static constexpr size_t kMaximumText = 1024;

  AlarmService(ServiceAccount& account, AlarmBoard& board) : account_(account), board_(board) {}

  patchbay_status raise(std::string_view name, std::string_view text);
  patchbay_status clear(std::string_view name);
  void clear_all();

 private:
  ServiceAccount& account_;
  AlarmBoard& board_;
  std::mutex mutex_;  // guards raised_; held while the board is told, so that it hears in order
  std::set<std::string, std::less<>> raised_;
};

}  // namespace patchbay::plugin_services
