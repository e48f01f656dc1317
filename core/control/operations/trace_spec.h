#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace patchbay::operations {

/// What a trace follows. The enumerators' places are those of the names.
enum class TraceKind : uint8_t { client_id, topic, ip_address };
enum class TracePayload : uint8_t { text, hex, hidden };
enum class TraceFormat : uint8_t { text, json };
enum class TraceStatus : uint8_t { waiting, running, stopped };

inline constexpr std::string_view kTraceKinds[] = {"clientid", "topic", "ip_address"};
inline constexpr std::string_view kTracePayloads[] = {"text", "hex", "hidden"};
inline constexpr std::string_view kTraceFormats[] = {"text", "json"};
inline constexpr std::string_view kTraceStatuses[] = {"waiting", "running", "stopped"};

/// What an operator wants to see, from when until when.
struct TraceSpec {
  std::string name;
  TraceKind kind = TraceKind::client_id;
  std::string value;  ///< a client id, a topic filter, an address
  TracePayload payload = TracePayload::text;
  TraceFormat format = TraceFormat::text;
  uint64_t start_unix_s = 0;
  uint64_t end_unix_s = 0;  ///< later than the start
};

inline constexpr size_t kTraceNameMax = 256;
inline constexpr size_t kTraceValueMax = 65'535;
/// How long a trace runs when nobody says.
inline constexpr uint64_t kTraceDefault_s = 600;
inline constexpr uint64_t kTraceLongest_s = 30ull * 24 * 3600;

/// The spec with an address in its usual form, or a sentence about what is wrong with it. A name is a letter and then
/// letters, digits, '-' and '_', so that it is a file's name too.
[[nodiscard]] base::Result<TraceSpec, std::string> checked(TraceSpec spec);

}  // namespace patchbay::operations
