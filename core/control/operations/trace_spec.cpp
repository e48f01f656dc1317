#include "operations/trace_spec.h"

#include <algorithm>

#include "access/ip_text.h"
#include "operations/ban.h"
#include "topic/topic_filter.h"

namespace patchbay::operations {

namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_trace_name(std::string_view name) {
  return !name.empty() && name.size() <= kTraceNameMax && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

}  // namespace

base::Result<TraceSpec, std::string> checked(TraceSpec spec) {
  if (!is_trace_name(spec.name))
    return base::fail(std::string("name: a letter, then letters, digits, - and _, at most 256"));
  if (spec.value.empty() || spec.value.size() > kTraceValueMax)
    return base::fail(std::string(kTraceKinds[static_cast<size_t>(spec.kind)]) + ": must not be empty or too long");
  if (spec.end_unix_s <= spec.start_unix_s) return base::fail(std::string("end_at: must be later than start_at"));
  if (spec.end_unix_s - spec.start_unix_s > kTraceLongest_s)
    return base::fail(std::string("end_at: a trace runs for at most 30 days"));
  if (spec.kind == TraceKind::topic && !topic::is_valid_filter(spec.value))
    return base::fail(std::string("topic: is no topic filter"));
  if (spec.kind == TraceKind::ip_address) {
    const auto address = address_from(spec.value);
    if (!address) return base::fail(std::string("ip_address: must be an IPv4 or IPv6 address"));
    spec.value = access::ip_text(*address);
  }
  return spec;
}

}  // namespace patchbay::operations
