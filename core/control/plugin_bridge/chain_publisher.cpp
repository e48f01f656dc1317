#include "plugin_bridge/chain_publisher.h"

#include <algorithm>
#include <tuple>

#include "plugin_bridge/bridge.h"
#include "plugin_bridge/bridge_environment.h"
#include "plugin_bridge/chain_entry.h"
#include "plugin_bridge/epoch_barrier.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

namespace {

bool lists(const std::vector<PublishedHook>& hooks, const Hook* wanted) {
  return std::any_of(hooks.begin(), hooks.end(), [wanted](const PublishedHook& each) { return each.hook == wanted; });
}

/// The hook's own filter, narrowed to the operator's listeners. A hook that wants none of them gets an id that no
/// listener has.
access::EventFilter narrowed(access::EventFilter filter, const std::vector<std::string>& listener_ids) {
  if (listener_ids.empty()) return filter;
  if (filter.listener_ids.empty()) {
    filter.listener_ids = listener_ids;
    return filter;
  }
  std::erase_if(filter.listener_ids, [&](const std::string& id) {
    return std::find(listener_ids.begin(), listener_ids.end(), id) == listener_ids.end();
  });
  if (filter.listener_ids.empty()) filter.listener_ids.emplace_back();
  return filter;
}

}  // namespace

ChainPublisher::ChainPublisher(const BridgeEnvironment& environment, ControlPoints& control)
    : environment_(environment),
      points_{environment.hooks, environment.access, control},
      core_(std::make_unique<CoreEntries>()) {}

ChainPublisher::~ChainPublisher() = default;

base::ChainOrder ChainPublisher::order_of(const PublishedHook& published) const {
  const HookRegistration& registration = published.hook->registration();
  return {registration.phase, keys_.at(published.hook), registration.priority, published.hook->instance().facts().name};
}

template <hooks::HookId Id>
base::ChainEntry<EventOf<Id>> ChainPublisher::entry_of(const PublishedHook& published) {
  Hook& hook = *published.hook;
  const HookRegistration& registration = hook.registration();
  auto entry = make_entry<Id>(hook, narrowed(registration.filter, published.listener_ids));
  entry.order = order_of(published);
  entry.deadline_ms = std::max(published.deadline_ms.value_or(registration.deadline_ms), 1U);
  entry.fallback = published.fallback.value_or(registration.fallback);
  if (published.shadow || (registration.flags & PATCHBAY_HOOK_SHADOW) != 0) {
    auto& tally = shadows_[&hook];
    if (tally == nullptr) tally = std::make_shared<base::ShadowTally>();
    entry.shadow = tally;
  }
  return entry;
}

// Observers that follow each other share a table. One of the core's own between them ends it: the order stays.
ChainPublisher::ObserverTables ChainPublisher::observer_tables(hooks::HookId id,
                                                               std::vector<base::ChainOrder> cores) const {
  std::vector<std::pair<base::ChainOrder, const PublishedHook*>> observers;
  for (const PublishedHook& published : published_.hooks) {
    if (published.hook->id() != id || published.hook->registration().phase != base::Phase::observe) continue;
    observers.emplace_back(order_of(published), &published);
  }
  std::sort(observers.begin(), observers.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::sort(cores.begin(), cores.end());
  ObserverTables tables;
  for (size_t i = 0; i < observers.size();) {
    const base::ChainOrder& first = observers[i].first;
    const auto own = std::upper_bound(cores.begin(), cores.end(), first);
    auto table = std::make_shared<ObserverTable>(observers[i].second->hook->instance().bridge().places());
    for (; i < observers.size() && (own == cores.end() || observers[i].first < *own); ++i) {
      const PublishedHook& published = *observers[i].second;
      table->add(*published.hook, narrowed(published.hook->registration().filter, published.listener_ids));
    }
    tables.emplace_back(first, std::move(table));
  }
  return tables;
}

template <hooks::HookId Id>
void ChainPublisher::swap_point() {
  std::vector<base::ChainEntry<EventOf<Id>>> entries;
  for (const auto& [owner, own] : core_->at<Id>()) entries.insert(entries.end(), own.begin(), own.end());
  std::vector<base::ChainOrder> cores;
  for (const auto& entry : entries) cores.push_back(entry.order);
  for (auto& [order, table] : observer_tables(Id, std::move(cores))) {
    entries.push_back(make_entry<Id>(std::move(table)));
    entries.back().order = order;
  }
  for (const PublishedHook& published : published_.hooks) {
    if (published.hook->id() != Id || published.hook->registration().phase == base::Phase::observe) continue;
    entries.push_back(entry_of<Id>(published));
  }
  auto& point = HookTraits<Id>::point(points_);
  if (entries.empty() && point.empty()) return;
  const auto combine = published_.combine.find(Id);
  point.swap(std::move(entries), environment_.epoch,
             combine == published_.combine.end() ? base::Combine::first_decisive : combine->second);
}

void ChainPublisher::place_all() {
  std::map<std::pair<hooks::HookId, base::Phase>, std::vector<const PublishedHook*>> by_chain;
  for (const PublishedHook& published : published_.hooks) {
    by_chain[{published.hook->id(), published.hook->registration().phase}].push_back(&published);
  }
  std::erase_if(places_, [&](const auto& entry) { return by_chain.find(entry.first) == by_chain.end(); });
  keys_.clear();
  for (auto& [chain, hooks] : by_chain) {
    const auto order = [](const PublishedHook* published) {
      return std::tuple(published->list_index, published->hook->registration().priority,
                        published->hook->instance().facts().name);
    };
    std::sort(hooks.begin(), hooks.end(),
              [&](const PublishedHook* a, const PublishedHook* b) { return order(a) < order(b); });
    std::vector<std::string> names;
    for (const PublishedHook* published : hooks) names.push_back(published->hook->instance().facts().name);
    const std::vector<uint32_t> keys = places_[chain].place(names);
    for (size_t i = 0; i < hooks.size(); ++i) keys_[hooks[i]->hook] = keys[i];
  }
}

bool ChainPublisher::decides_access() const {
  return std::any_of(published_.hooks.begin(), published_.hooks.end(), [](const PublishedHook& published) {
    return published.hook->id() == hooks::HookId::acl_publish || published.hook->id() == hooks::HookId::acl_subscribe;
  });
}

void ChainPublisher::swap_all() {
  place_all();
  std::erase_if(shadows_, [&](const auto& entry) { return !lists(published_.hooks, entry.first); });
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  swap_point<hooks::HookId::identifier>();
#include "patchbay/hooks.def"
}

void ChainPublisher::observe_decisions(std::vector<base::ChainEntry<access::AuthorizedEvent>> entries) {
  if (entries.empty() && points_.access.authorized.empty()) return;
  points_.access.authorized.swap(std::move(entries), environment_.epoch);
}

bool ChainPublisher::publish(PublishedChains next, uint64_t limit_ms) {
  for (const PublishedHook& coming : next.hooks) {
    if (lists(published_.hooks, coming.hook)) continue;
    // One that has just left, and is still being waited for, is counted already.
    if (std::erase(leaving_, coming.hook) == 0) coming.hook->instance().held().add(Held::hook_entries);
    if (BatchQueue* queue = coming.hook->queue(); queue != nullptr) queue->open();
  }
  for (const PublishedHook& present : published_.hooks) {
    if (!lists(next.hooks, present.hook)) leaving_.push_back(present.hook);
  }
  const bool decided_access = decides_access();
  published_ = std::move(next);
  swap_all();
  // What was decided before is not what would be decided now.
  if ((decided_access || decides_access()) && environment_.access_changed) environment_.access_changed();
  return settle(limit_ms);
}

bool ChainPublisher::republish(uint64_t limit_ms) {
  swap_all();
  return settle(limit_ms);
}

bool ChainPublisher::settle(uint64_t limit_ms) {
  if (!wait_until_shards_passed(environment_.epoch, limit_ms)) return false;
  for (Hook* hook : leaving_) {
    // Nothing comes any more: what waits for company need not wait longer.
    if (BatchQueue* queue = hook->queue(); queue != nullptr) queue->close(false);
    hook->instance().held().remove(Held::hook_entries);
  }
  leaving_.clear();
  return true;
}

const base::ShadowTally* ChainPublisher::shadow_of(const Hook& hook) const {
  const auto found = shadows_.find(&hook);
  return found == shadows_.end() ? nullptr : found->second.get();
}

}  // namespace patchbay::plugin_bridge
