#include "router/filter_slot.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/assert.h"

namespace patchbay::router {

/// Constant once it is published; a change makes a new list.
struct FilterSlot::GroupList {
  std::vector<SharedGroup*> groups;
};

FilterSlot::~FilterSlot() {
  Extra* const extra = extra_.load(std::memory_order_relaxed);
  if (extra == nullptr) return;
  const GroupList* const list = extra->groups.load(std::memory_order_relaxed);
  if (list != nullptr) {
    for (SharedGroup* const group : list->groups) delete group;
  }
  delete list;
  delete extra;
}

void FilterSlot::collect_groups(const GroupList& list, Matches& matches) {
  for (SharedGroup* const group : list.groups) matches.add_group(group);
}

void FilterSlot::collect_extra(const Extra& extra, Matches& matches) const {
  const EntryView view = extra.subscribers.view();
  if (view.entries != nullptr) {
    if (view.size != 0) matches.add_list(view.entries, view.size);
  } else if (!single_.is_free()) {
    matches.add_list(&single_, 1);
  }
  if (!extra.exclusive.is_free()) matches.add_list(&extra.exclusive, 1);
  const GroupList* const list = extra.groups.load(std::memory_order_acquire);
  if (list != nullptr) collect_groups(*list, matches);
}

SharedGroup* FilterSlot::find_group(std::string_view name) const {
  const Extra* const extra = extra_.load(std::memory_order_acquire);
  const GroupList* const list = extra == nullptr ? nullptr : extra->groups.load(std::memory_order_acquire);
  if (list == nullptr) return nullptr;
  const auto found = std::find_if(list->groups.begin(), list->groups.end(),
                                  [name](const SharedGroup* group) { return group->name() == name; });
  return found == list->groups.end() ? nullptr : *found;
}

bool FilterSlot::is_empty() const {
  const Extra* const extra = extra_.load(std::memory_order_relaxed);
  if (extra == nullptr) return single_.is_free();
  const bool no_plain =
      extra->subscribers.view().entries == nullptr ? single_.is_free() : extra->subscribers.is_empty();
  return no_plain && extra->exclusive.is_free() && extra->groups.load(std::memory_order_relaxed) == nullptr;
}

FilterSlot::Extra& FilterSlot::extra() {
  Extra* extra = extra_.load(std::memory_order_relaxed);
  if (extra == nullptr) {
    extra = new Extra;
    extra_.store(extra, std::memory_order_release);
  }
  return *extra;
}

bool FilterSlot::add(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options,
                     uint32_t identifier, base::EpochDomain& epoch) {
  Extra* const present = extra_.load(std::memory_order_relaxed);
  if (present != nullptr && present->subscribers.view().entries != nullptr) {
    return present->subscribers.add(subscriber, options, identifier, epoch);
  }
  if (single_.is_free() || single_.handle() == subscriber) {
    const bool is_new = single_.is_free();
    single_.write(subscriber, options, identifier);
    return is_new;
  }
  // The second subscriber: the first one is in the set before a reader can see the set, so that no moment lacks it. Its
  // stale copy in single_ is never looked at again.
  distribution::Delivery first;
  const bool readable = single_.read(first);
  PATCHBAY_ASSERT(readable);
  Extra& extra = this->extra();
  extra.subscribers.start_with(first);
  return extra.subscribers.add(subscriber, options, identifier, epoch);
}

bool FilterSlot::remove(distribution::SubscriberHandle subscriber, base::EpochDomain& epoch) {
  Extra* const extra = extra_.load(std::memory_order_relaxed);
  if (extra != nullptr && extra->subscribers.view().entries != nullptr) {
    return extra->subscribers.remove(subscriber, epoch);
  }
  if (single_.handle() != subscriber) return false;
  single_.clear();
  return true;
}

distribution::SubscriberHandle FilterSlot::exclusive_holder() const {
  const Extra* const extra = extra_.load(std::memory_order_relaxed);
  return extra == nullptr ? distribution::SubscriberHandle() : extra->exclusive.handle();
}

void FilterSlot::set_exclusive(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options,
                               uint32_t identifier) {
  extra().exclusive.write(subscriber, options, identifier);
}

void FilterSlot::clear_exclusive() {
  extra().exclusive.clear();
}

void FilterSlot::add_group(std::unique_ptr<SharedGroup> group, base::EpochDomain& epoch) {
  Extra& extra = this->extra();
  GroupList* const before = extra.groups.load(std::memory_order_relaxed);
  auto after = std::make_unique<GroupList>();
  if (before != nullptr) after->groups = before->groups;
  after->groups.push_back(group.release());
  extra.groups.store(after.release(), std::memory_order_release);
  if (before != nullptr) epoch.retire(before);
}

void FilterSlot::remove_group(SharedGroup& group, base::EpochDomain& epoch) {
  Extra& extra = this->extra();
  GroupList* const before = extra.groups.load(std::memory_order_relaxed);
  std::unique_ptr<GroupList> after;
  if (before->groups.size() > 1) {
    after = std::make_unique<GroupList>();
    std::copy_if(before->groups.begin(), before->groups.end(), std::back_inserter(after->groups),
                 [&group](const SharedGroup* other) { return other != &group; });
  }
  extra.groups.store(after.release(), std::memory_order_release);
  epoch.retire(before);
  epoch.retire(&group);
}

}  // namespace patchbay::router
