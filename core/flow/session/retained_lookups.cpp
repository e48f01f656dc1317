#include "session/retained_lookups.h"

#include <iterator>
#include <utility>

#include "hooks/hook_points.h"
#include "topic/topic_filter.h"
#include "topic/topic_name.h"

namespace patchbay::session {

void RetainedLookups::begin(std::string_view topic_filter, std::string_view inner_filter,
                            const distribution::Delivery& delivery, access::ClientInfoRef client) {
  cancel(topic_filter);
  Lookup& lookup = lookups_.emplace_back(*this);
  lookup.place = std::prev(lookups_.end());
  lookup.client = std::move(client);
  lookup.topic_filter = topic_filter;
  lookup.inner_filter = inner_filter;
  lookup.delivery = delivery;
  hooks::RetainLookupEvent event;
  event.client = lookup.client.get();
  event.topic_filter = lookup.inner_filter;
  if (hooks::run(environment_.hooks.retain_lookup, environment_.deferrals, event, lookup.pending))
    finish(lookup, event);
}

void RetainedLookups::cancel(std::string_view topic_filter) {
  lookups_.remove_if([topic_filter](const Lookup& lookup) { return lookup.topic_filter == topic_filter; });
}

void RetainedLookups::Lookup::answered(void* self, hooks::RetainLookupEvent& event) {
  auto& lookup = *static_cast<Lookup*>(self);
  lookup.owner.finish(lookup, event);
}

void RetainedLookups::finish(Lookup& lookup, hooks::RetainLookupEvent& event) {
  // The client was authorised for the filter, and for nothing else.
  std::erase_if(event.extra, [&lookup](const mqtt::MessageRef& message) {
    return !topic::is_valid_topic_name(message->topic()) || !topic::matches(lookup.inner_filter, message->topic());
  });
  Found found{std::move(lookup.topic_filter), lookup.delivery, std::move(event.extra)};
  lookups_.erase(lookup.place);
  if (!found.messages.empty()) take_(owner_, std::move(found));
}

}  // namespace patchbay::session
