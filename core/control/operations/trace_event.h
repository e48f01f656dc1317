#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "operations/trace_spec.h"

namespace patchbay::operations {

/// Bytes of a payload that a trace shows.
inline constexpr size_t kTracePayloadMax = 1'024;

/// One thing that happened, as a shard hands it over: everything is a copy.
struct TraceEvent {
  uint64_t unix_ms = 0;
  std::string_view what;  ///< a literal: "publish_received"
  std::string client_id;  ///< "": nobody's, or not known yet
  std::string username;
  std::string peer;                                               ///< "192.0.2.1:51234"
  std::vector<std::pair<std::string_view, std::string>> details;  ///< names are literals
  bool has_payload = false;
  std::string payload;  ///< its first kTracePayloadMax bytes
  uint64_t payload_size = 0;
};

/// The line of a trace's file, with its end. Pure. [any-thread]
[[nodiscard]] std::string trace_line(const TraceEvent& event, TraceFormat format, TracePayload payload);

}  // namespace patchbay::operations
