#include "plugin_services/service_directory.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/clock.h"

namespace patchbay::plugin_services {

using plugin_bridge::Held;

namespace {
constexpr auto kDeliverEvery = std::chrono::milliseconds(20);
}

ServiceDirectory::~ServiceDirectory() = default;

patchbay_status ServiceDirectory::provide(ServiceAccount& provider, std::string_view service_id, std::string_view name,
                                          uint32_t revision, const void* table, void* self) {
  const std::lock_guard lock(mutex_);
  for (const OfferRef& offer : offers_) {
    if (offer->service_id != service_id || offer->name != name || offer->going) continue;
    // During an upgrade the next version of the same instance offers beside the one that it replaces.
    if (offer->provider_name != provider.facts.name || offer->provider == &provider) return PATCHBAY_EXISTS;
  }
  offers_.push_back(std::make_shared<Offer>(
      Offer{&provider, provider.facts.name, std::string(service_id), std::string(name), revision, table, self}));
  return PATCHBAY_OK;
}

void ServiceDirectory::publish(const ServiceAccount& provider) {
  {
    const std::lock_guard lock(mutex_);
    for (const OfferRef& offer : offers_) {
      if (offer->provider == &provider) offer->visible = true;
    }
  }
  deliver();
}

/// The newest that fits: an instance that is being upgraded is there twice for a while.
ServiceDirectory::OfferRef ServiceDirectory::best_offer(const Want& want) const {
  OfferRef best;
  for (const OfferRef& offer : offers_) {
    const bool fits = offer->visible && !offer->going && offer->service_id == want.service_id &&
                      (want.name.empty() || offer->name == want.name) && offer->revision >= want.minimum_revision;
    if (fits && (best == nullptr || offer->provider->facts.number > best->provider->facts.number)) best = offer;
  }
  return best;
}

bool ServiceDirectory::grant_next(Want& granted) {
  const std::lock_guard lock(mutex_);
  for (auto& [lease, want] : wants_) {
    if (want.offer != nullptr) continue;
    want.offer = best_offer(want);
    if (want.offer == nullptr) continue;
    ++want.offer->leases;
    want.offer->provider->held.add(Held::leases);
    want.user->held.add(Held::leases);
    granted = want;
    return true;
  }
  return false;
}

void ServiceDirectory::deliver() {
  Want granted;
  while (grant_next(granted)) {
    granted.user->call(Door::service, [&] {
      granted.on_up(granted.self, granted.lease, granted.offer->table, granted.offer->self, granted.offer->revision);
    });
  }
}

patchbay_status ServiceDirectory::acquire(ServiceAccount& user, std::string_view service_id, std::string_view name,
                                          uint32_t minimum_revision, patchbay_service_up_fn on_up,
                                          patchbay_service_down_fn on_down, void* self, uint64_t& lease) {
  {
    const std::lock_guard lock(mutex_);
    const auto own =
        std::count_if(wants_.begin(), wants_.end(), [&](const auto& want) { return want.second.user == &user; });
    if (own >= static_cast<std::ptrdiff_t>(user.limits.max_leases)) {
      user.refusals.count(Refusal::leases);
      return PATCHBAY_BUSY;
    }
    lease = next_++;
    wants_.emplace(lease, Want{lease, &user, std::string(service_id), std::string(name), minimum_revision, on_up,
                               on_down, self, nullptr});
  }
  deliver();
  return PATCHBAY_OK;
}

void ServiceDirectory::return_offer(Want& want) {
  if (want.offer == nullptr) return;
  const OfferRef offer = std::move(want.offer);
  want.offer = nullptr;
  --offer->leases;
  offer->provider->held.remove(Held::leases);
  want.user->held.remove(Held::leases);
  returned_.notify_all();
}

patchbay_status ServiceDirectory::release(const ServiceAccount& user, uint64_t lease, bool wait_for_next) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = wants_.find(lease);
    if (found == wants_.end() || found->second.user != &user) return PATCHBAY_NOT_FOUND;
    return_offer(found->second);
    if (!wait_for_next) wants_.erase(found);
  }
  // Whoever is told next is told on the control thread.
  if (wait_for_next && wake_control_) wake_control_();
  return PATCHBAY_OK;
}

void ServiceDirectory::withdraw(const ServiceAccount& provider) {
  std::vector<Want> users;
  {
    const std::lock_guard lock(mutex_);
    for (const OfferRef& offer : offers_) {
      if (offer->provider == &provider) offer->going = true;
    }
    for (const auto& [lease, want] : wants_) {
      if (want.offer != nullptr && want.offer->provider == &provider) users.push_back(want);
    }
  }
  for (const Want& want : users) {
    if (!is_leased(want.lease)) continue;  // given back meanwhile
    want.user->call(Door::service, [&] { want.on_down(want.self, want.lease); });
  }
  deliver();
}

bool ServiceDirectory::is_leased(uint64_t lease) const {
  const std::lock_guard lock(mutex_);
  const auto found = wants_.find(lease);
  return found != wants_.end() && found->second.offer != nullptr;
}

uint32_t ServiceDirectory::leases_of(const ServiceAccount& provider) const {
  uint32_t sum = 0;
  for (const OfferRef& offer : offers_) sum += offer->provider == &provider ? offer->leases : 0;
  return sum;
}

bool ServiceDirectory::wait_until_returned(const ServiceAccount& provider, uint64_t limit_ms) {
  const base::SystemClock clock;
  const uint64_t end_ms = clock.steady_ms() + limit_ms;
  for (;;) {
    deliver();
    std::unique_lock lock(mutex_);
    if (leases_of(provider) == 0) return true;
    const uint64_t now_ms = clock.steady_ms();
    if (now_ms >= end_ms) return false;
    returned_.wait_for(lock, std::min(kDeliverEvery, std::chrono::milliseconds(end_ms - now_ms)));
  }
}

void ServiceDirectory::end(const ServiceAccount& instance) {
  const std::lock_guard lock(mutex_);
  for (auto at = wants_.begin(); at != wants_.end();) {
    if (at->second.user != &instance) {
      ++at;
      continue;
    }
    return_offer(at->second);
    at = wants_.erase(at);
  }
  // An offer with leases out is kept: its users still give it back.
  offers_.remove_if([&](const OfferRef& offer) { return offer->provider == &instance && offer->leases == 0; });
}

std::vector<ServiceLease> ServiceDirectory::graph() const {
  const std::lock_guard lock(mutex_);
  std::vector<ServiceLease> leases;
  for (const auto& [lease, want] : wants_) {
    ServiceLease edge{lease, want.user->facts.name, {}, want.service_id, want.name, false};
    if (want.offer != nullptr) {
      edge.provider = want.offer->provider_name;
      edge.name = want.offer->name;
      edge.going = want.offer->going;
    }
    leases.push_back(std::move(edge));
  }
  return leases;
}

std::vector<ServiceOffer> ServiceDirectory::offers() const {
  const std::lock_guard lock(mutex_);
  std::vector<ServiceOffer> seen;
  for (const OfferRef& offer : offers_) {
    if (offer->visible && !offer->going) {
      seen.push_back({offer->provider_name, offer->service_id, offer->name, offer->revision});
    }
  }
  return seen;
}

std::vector<std::string> ServiceDirectory::users_of(std::string_view provider) const {
  std::set<std::string> users;
  for (const ServiceLease& lease : graph()) {
    if (lease.provider == provider) users.insert(lease.user);
  }
  return {users.begin(), users.end()};
}

}  // namespace patchbay::plugin_services
