#include "session/retained_storing.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "hooks/hook_points.h"
#include "router/retained_store.h"
#include "session/changed_messages.h"
#include "session/message_origin.h"

namespace patchbay::session {

namespace {

/// What the hook made of it, as it is to be kept: still retained, by the same publisher, and expiring when it said so.
mqtt::MessageRef message_to_keep(const mqtt::Message& original, hooks::RetainStoreEvent& event) {
  mqtt::MessageRef changed = event.replaced ? with_origin_of(original, std::move(event.message)) : event.message;
  if (changed->retain() && event.time_to_live_s == 0) return changed;
  mqtt::MessageFields fields = changed->fields();
  fields.retain = true;
  if (event.time_to_live_s != 0) fields.message_expiry_interval_s = event.time_to_live_s;
  return mqtt::Message::create(fields);
}

}  // namespace

void RetainedStoring::offer(const mqtt::MessageRef& message, const access::ClientInfoRef& client) {
  if (!environment_.limits->retain_available) return;
  if (stores_.size() >= kMaximumWaiting) return environment_.retained.set(message);
  const bool behind = first_of(message->topic()) != nullptr;
  Store& store = stores_.emplace_back(*this, message, client);
  store.place = std::prev(stores_.end());
  if (!behind) ask(store);
}

void RetainedStoring::ask(Store& store) {
  store.asked = true;
  hooks::RetainStoreEvent event;
  event.client = store.client.get();
  event.message = store.message;
  if (hooks::run(environment_.hooks.retain_store, environment_.deferrals, event, store.pending)) settle(store, event);
}

void RetainedStoring::Store::answered(void* self, hooks::RetainStoreEvent& event) {
  auto& store = *static_cast<Store*>(self);
  store.owner.settle(store, event);
}

void RetainedStoring::settle(Store& store, hooks::RetainStoreEvent& event) {
  if (event.refused) return forget(store);
  if (!event.replaced) {  // nothing that access control looks at is different
    environment_.retained.set(message_to_keep(*store.message, event));
    return forget(store);
  }
  keep_changed(store, message_to_keep(*store.message, event));
}

void RetainedStoring::keep_changed(Store& store, const mqtt::MessageRef& changed) {
  const auto keep = [this, &store](const mqtt::MessageRef& message, bool allowed) {
    if (allowed) environment_.retained.set(message);
    forget(store);
  };
  const auto allowed = environment_.changed_messages->ask(store.client, changed, keep);
  if (allowed) keep(changed, *allowed);
}

void RetainedStoring::forget(Store& store) {
  const mqtt::MessageRef message = store.message;  // its topic is still needed
  stores_.erase(store.place);
  if (advancing_) return;  // called from the loop below, by way of an answer that came at once
  advancing_ = true;
  while (Store* next = first_of(message->topic())) {
    if (next->asked) break;
    ask(*next);
  }
  advancing_ = false;
}

RetainedStoring::Store* RetainedStoring::first_of(std::string_view topic) {
  const auto first = std::find_if(stores_.begin(), stores_.end(),
                                  [topic](const Store& store) { return store.message->topic() == topic; });
  return first == stores_.end() ? nullptr : &*first;
}

}  // namespace patchbay::session
