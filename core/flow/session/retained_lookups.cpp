#include "session/retained_lookups.h"

#include <iterator>
#include <vector>

#include "base/mailbox.h"
#include "distribution/fan_out.h"
#include "hooks/hook_points.h"
#include "session/session.h"
#include "topic/topic_filter.h"
#include "topic/topic_name.h"

namespace patchbay::session {

void RetainedLookups::begin(std::string_view topic_filter, std::string_view inner_filter,
                            const distribution::Delivery& delivery) {
  cancel(topic_filter);
  Lookup& lookup = lookups_.emplace_back(*this);
  lookup.place = std::prev(lookups_.end());
  lookup.client = session_.client_ref();
  lookup.topic_filter = topic_filter;
  lookup.inner_filter = inner_filter;
  lookup.delivery = delivery;
  hooks::RetainLookupEvent event;
  event.client = lookup.client.get();
  event.topic_filter = lookup.inner_filter;
  const SessionEnvironment& environment = session_.environment();
  if (hooks::run(environment.hooks.retain_lookup, environment.deferrals, event, lookup.pending)) finish(lookup, event);
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
  if (!event.extra.empty()) {
    const SessionEnvironment& environment = session_.environment();
    environment.fan_out.post(environment.shard.id,
                             base::make_task([directory = environment.directory, handle = session_.handle(),
                                              topic_filter = std::move(lookup.topic_filter), delivery = lookup.delivery,
                                              messages = std::move(event.extra)] {
                               Session* session = directory->find(handle);
                               if (session != nullptr) session->deliver_extra(topic_filter, messages, delivery);
                             }));
  }
  lookups_.erase(lookup.place);
}

}  // namespace patchbay::session
