#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "operations/ban.h"
#include "operations/operations_environment.h"
#include "operations/trace_event.h"
#include "operations/trace_file.h"
#include "operations/work_queue.h"

namespace patchbay::operations {

/// The traces that run, as shards look at them: which of them an event concerns, and the way into their files.
/// Constant; a change makes a new one.
class TraceView : public std::enable_shared_from_this<TraceView> {
 public:
  static constexpr size_t kTracesMax = 30;
  /// A bit for each trace.
  using Traces = uint32_t;

  TraceView(WorkQueue& queue, const base::Clock& clock, std::atomic<uint64_t>& dropped)
      : queue_(queue), clock_(clock), dropped_(dropped) {}

  /// At most kTracesMax; before anybody sees the view. [control]
  void add(const TraceSpec& spec, std::shared_ptr<TraceFile> file);
  [[nodiscard]] bool empty() const { return files_.empty(); }
  /// Some traces follow clients or addresses, and want more than what happens to messages.
  [[nodiscard]] bool follows_clients() const { return !client_ids_.empty() || !addresses_.empty(); }

  // Which traces want it. [shard]
  [[nodiscard]] Traces of_client(std::string_view client_id, const access::ClientInfo* client) const;
  [[nodiscard]] Traces of_address(std::span<const uint8_t, 16> address) const;
  [[nodiscard]] Traces of_topic(std::string_view topic) const;
  [[nodiscard]] Traces of_filter(std::string_view topic_filter) const;

  /// Hands the event over to the files of `traces`; drops and counts it where too much waits. [shard]
  void hand_over(Traces traces, TraceEvent event) const;
  [[nodiscard]] uint64_t now_unix_ms() const { return clock_.unix_ms(); }

  /// Puts the entries that the traces need at their points, for as long as this view is wanted, and takes the others
  /// out. On the thread of chains.
  static void listen(const std::shared_ptr<TraceView>& view, plugin_bridge::ChainPublisher& chains);

 private:
  struct AddressHash {
    size_t operator()(const Address& address) const {
      return std::hash<std::string_view>{}({reinterpret_cast<const char*>(address.data()), address.size()});
    }
  };

  WorkQueue& queue_;
  const base::Clock& clock_;
  std::atomic<uint64_t>& dropped_;
  std::vector<std::shared_ptr<TraceFile>> files_;  ///< by bit
  std::vector<std::pair<std::string, Traces>> topics_;
  std::map<std::string, Traces, std::less<>> client_ids_;
  std::unordered_map<Address, Traces, AddressHash> addresses_;
};

}  // namespace patchbay::operations
