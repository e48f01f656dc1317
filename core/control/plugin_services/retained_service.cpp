#include "plugin_services/retained_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plugin_bridge/abi_views.h"
#include "session/session_environment.h"
#include "topic/topic_filter.h"
#include "topic/topic_name.h"

namespace patchbay::plugin_services {

/// A page that is being collected, on one shard.
struct RetainedService::Lookup {
  uint32_t shard = 0;
  std::string topic_filter;
  std::optional<router::RetainedCursor> cursor;  ///< nothing: from the beginning
  size_t limit = 0;
  bool one_topic = false;
  patchbay_retained_fn function = nullptr;
  void* self = nullptr;
  std::vector<mqtt::MessageRef> messages;
};

uint32_t RetainedService::shard_of_caller() const {
  return shards_.on_shard() ? base::current_shard() : account_.facts.number % shards_.count();
}

patchbay_status RetainedService::find(std::string_view topic, patchbay_retained_fn function, void* self) {
  if (function == nullptr || !topic::is_valid_topic_name(topic)) {
    return account_.invalid("a retained message was looked up without a function, or by what is no topic name");
  }
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (!answers_.begin()) return PATCHBAY_BUSY;
  auto lookup = std::make_shared<Lookup>();
  lookup->shard = shard_of_caller();
  lookup->topic_filter = topic;
  lookup->limit = 1;
  lookup->one_topic = true;
  lookup->function = function;
  lookup->self = self;
  begin(std::move(lookup));
  return PATCHBAY_OK;
}

patchbay_status RetainedService::match(std::string_view topic_filter, uint64_t cursor, uint32_t limit,
                                       patchbay_retained_fn function, void* self) {
  if (function == nullptr || limit == 0 || !topic::is_valid_filter(topic_filter)) {
    return account_.invalid("retained messages were looked up without a function or limit, or by what is no filter");
  }
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  auto lookup = std::make_shared<Lookup>();
  if (cursor != 0) {
    lookup->cursor = take_place(cursor, topic_filter);
    if (!lookup->cursor) return account_.invalid("a cursor was not given out for this filter, or is used up");
  }
  if (!answers_.begin()) return PATCHBAY_BUSY;
  lookup->shard = shard_of_caller();
  lookup->topic_filter = topic_filter;
  lookup->limit = std::min(limit, kMaximumPage);
  lookup->function = function;
  lookup->self = self;
  begin(std::move(lookup));
  return PATCHBAY_OK;
}

std::optional<router::RetainedCursor> RetainedService::take_place(uint64_t cursor, std::string_view topic_filter) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(cursor);
  if (found == places_.end() || found->second.topic_filter != topic_filter) return std::nullopt;
  return found->second.cursor;  // it stays: who was told BUSY, or wants the page again, asks again
}

uint64_t RetainedService::keep_place(Place place) {
  const std::lock_guard lock(mutex_);
  if (places_.size() >= kMaximumCursors) places_.erase(places_.begin());
  places_.emplace(next_, std::move(place));
  return next_++;
}

void RetainedService::begin(std::shared_ptr<Lookup> lookup) {
  const uint32_t shard = lookup->shard;
  shards_.run(shard, [this, lookup = std::move(lookup)] {
    if (!lookup->cursor) lookup->cursor = shards_.flow(lookup->shard).retained.begin(lookup->topic_filter);
    go_on(lookup);
  });
}

void RetainedService::go_on(const std::shared_ptr<Lookup>& lookup) {
  if (lookup->cursor->done || lookup->messages.size() >= lookup->limit) return finish(lookup);
  shards_.flow(lookup->shard)
      .retained.request_page(lookup->topic_filter, *lookup->cursor, lookup->limit - lookup->messages.size(),
                             [this, lookup](router::RetainedPage&& page) {
                               for (mqtt::MessageRef& message : page.messages) {
                                 lookup->messages.push_back(std::move(message));
                               }
                               lookup->cursor = std::move(page.next);
                               go_on(lookup);
                             });
}

void RetainedService::finish(const std::shared_ptr<Lookup>& lookup) {
  const bool none = lookup->one_topic && lookup->messages.empty();
  const bool more = !lookup->one_topic && !lookup->cursor->done;
  const uint64_t cursor = more ? keep_place({lookup->topic_filter, std::move(*lookup->cursor)}) : 0;
  answers_.answer([lookup, none, cursor] {
    std::vector<const patchbay_message*> views;
    views.reserve(lookup->messages.size());
    for (const mqtt::MessageRef& message : lookup->messages) views.push_back(plugin_bridge::to_abi(message.get()));
    lookup->function(lookup->self, none ? PATCHBAY_NOT_FOUND : PATCHBAY_OK, views.data(), views.size(), cursor);
  });
}

patchbay_status RetainedService::remove(std::string_view topic) {
  if (!topic::is_valid_topic_name(topic))
    return account_.invalid("a retained message was removed by what is no topic name");
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  const uint32_t shard = shard_of_caller();
  shards_.run(shard, [this, shard, topic = std::string(topic)] { shards_.flow(shard).retained.clear(topic); });
  return PATCHBAY_OK;
}

}  // namespace patchbay::plugin_services
