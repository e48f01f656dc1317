#include "operations/trace_view.h"

#include <algorithm>

#include "access/client_info.h"
#include "base/assert.h"
#include "topic/topic_filter.h"

namespace patchbay::operations {

void TraceView::add(const TraceSpec& spec, std::shared_ptr<TraceFile> file) {
  PATCHBAY_ASSERT(files_.size() < kTracesMax);
  const Traces bit = Traces{1} << files_.size();
  files_.push_back(std::move(file));
  switch (spec.kind) {
    case TraceKind::client_id:
      client_ids_[spec.value] |= bit;
      break;
    case TraceKind::topic:
      topics_.emplace_back(spec.value, bit);
      break;
    case TraceKind::ip_address:
      if (const auto address = address_from(spec.value)) addresses_[*address] |= bit;
      break;
  }
}

TraceView::Traces TraceView::of_client(std::string_view client_id, const access::ClientInfo* client) const {
  Traces traces = 0;
  if (!client_ids_.empty()) {
    const auto found = client_ids_.find(client_id);
    if (found != client_ids_.end()) traces = found->second;
  }
  return client == nullptr ? traces : traces | of_address(client->peer_address());
}

TraceView::Traces TraceView::of_address(std::span<const uint8_t, 16> address) const {
  if (addresses_.empty()) return 0;
  Address wanted;
  std::copy(address.begin(), address.end(), wanted.begin());
  const auto found = addresses_.find(wanted);
  return found == addresses_.end() ? 0 : found->second;
}

TraceView::Traces TraceView::of_topic(std::string_view topic) const {
  Traces traces = 0;
  for (const auto& [filter, bit] : topics_) {
    if (topic::matches(filter, topic)) traces |= bit;
  }
  return traces;
}

TraceView::Traces TraceView::of_filter(std::string_view topic_filter) const {
  if (topics_.empty()) return 0;
  const auto parsed = topic::parse_filter(topic_filter);
  if (!parsed) return 0;
  Traces traces = 0;
  for (const auto& [filter, bit] : topics_) {
    if (topic::contains(filter, parsed->filter) || topic::contains(parsed->filter, filter)) traces |= bit;
  }
  return traces;
}

void TraceView::hand_over(Traces traces, TraceEvent event) const {
  const bool taken = queue_.post([view = shared_from_this(), traces, event = std::move(event)] {
    for (size_t i = 0; i < view->files_.size(); ++i) {
      if ((traces >> i & 1U) != 0) view->files_[i]->append(event);
    }
  });
  if (!taken) dropped_.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace patchbay::operations
