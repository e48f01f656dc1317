#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/registry.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// One edge of the graph of who uses whom.
struct ServiceLease {
  uint64_t lease = 0;
  std::string user;        ///< instance
  std::string provider;    ///< instance; empty: it waits for one
  std::string service_id;  ///< "svc.sink/1"
  std::string name;        ///< the provider's name for it
  bool going = false;      ///< the provider goes, and waits for the lease
};

/// What a provider offers.
struct ServiceOffer {
  std::string provider;
  std::string service_id;
  std::string name;
  uint32_t revision = 0;
};

/// The services between plugins of this node: who offers, who uses, who waits. A user is told of its provider, and of
/// its going, on the control thread; the raw table it gets is safe to use until it has given the lease back.
class ServiceDirectory {
 public:
  /// `wake_control` makes the control thread call deliver() soon; called by any thread, without a lock held.
  explicit ServiceDirectory(std::function<void()> wake_control = {}) : wake_control_(std::move(wake_control)) {}
  ServiceDirectory(const ServiceDirectory&) = delete;
  ServiceDirectory& operator=(const ServiceDirectory&) = delete;
  ~ServiceDirectory();

  /// Offers; seen by nobody before publish(). EXISTS: the same id and name by another instance, or twice by this one.
  /// [control]
  patchbay_status provide(ServiceAccount& provider, std::string_view service_id, std::string_view name,
                          uint32_t revision, const void* table, void* self);
  /// start() has returned OK: what the instance provides is there, and those who wait are told. [control]
  void publish(const ServiceAccount& provider);
  /// [control]
  patchbay_status acquire(ServiceAccount& user, std::string_view service_id, std::string_view name,
                          uint32_t minimum_revision, patchbay_service_up_fn on_up, patchbay_service_down_fn on_down,
                          void* self, uint64_t& lease);
  /// [any-thread]
  patchbay_status release(const ServiceAccount& user, uint64_t lease, bool wait_for_next);

  /// Tells those who wait of providers that are there. [control]
  void deliver();

  /// The provider goes: nobody gets its services any more, and its users are asked for their leases. Users that want
  /// the next one get it from another provider as soon as they have given theirs back. [control]
  void withdraw(const ServiceAccount& provider);
  /// Waits until all leases of the provider are back, delivering meanwhile what users wait for. [control]
  [[nodiscard]] bool wait_until_returned(const ServiceAccount& provider, uint64_t limit_ms);
  /// The instance has stopped: it uses and offers nothing any more. Leases that others still have of it stay counted
  /// with it: its code must stay mapped then. [control]
  void end(const ServiceAccount& instance);

  /// Every lease, given or waited for. [any-thread]
  [[nodiscard]] std::vector<ServiceLease> graph() const;
  [[nodiscard]] std::vector<ServiceOffer> offers() const;
  /// Who suffers when this instance stops: users of its services, each once. [any-thread]
  [[nodiscard]] std::vector<std::string> users_of(std::string_view provider) const;

 private:
  struct Offer {
    ServiceAccount* provider;
    std::string provider_name;
    std::string service_id;
    std::string name;
    uint32_t revision;
    const void* table;
    void* self;
    bool visible = false;
    bool going = false;
    uint32_t leases = 0;
  };
  using OfferRef = std::shared_ptr<Offer>;
  struct Want {
    uint64_t lease;
    ServiceAccount* user;
    std::string service_id;
    std::string name;
    uint32_t minimum_revision;
    patchbay_service_up_fn on_up;
    patchbay_service_down_fn on_down;
    void* self;
    OfferRef offer;  ///< null: it waits
  };

  [[nodiscard]] OfferRef best_offer(const Want& want) const;
  [[nodiscard]] bool grant_next(Want& granted);
  void return_offer(Want& want);
  [[nodiscard]] bool is_leased(uint64_t lease) const;
  [[nodiscard]] uint32_t leases_of(const ServiceAccount& provider) const;

  const std::function<void()> wake_control_;
  mutable std::mutex mutex_;  // guards what follows; not held while a plugin is called
  std::condition_variable returned_;
  std::list<OfferRef> offers_;
  std::map<uint64_t, Want> wants_;
  uint64_t next_ = 1;
};

/// patchbay.registry/1 for one instance.
class RegistryService {
 public:
  /// `provides`: the ids that the manifest names.
  RegistryService(ServiceAccount& account, ServiceDirectory& directory, std::set<std::string, std::less<>> provides)
      : account_(account), directory_(directory), provides_(std::move(provides)) {}

  patchbay_status provide(std::string_view service_id, std::string_view name, uint32_t revision, const void* table,
                          void* self);
  patchbay_status acquire(std::string_view service_id, std::string_view name, uint32_t minimum_revision,
                          patchbay_service_up_fn on_up, patchbay_service_down_fn on_down, void* self, uint64_t& lease);
  patchbay_status release(uint64_t lease, bool wait_for_next);

 private:
  ServiceAccount& account_;
  ServiceDirectory& directory_;
  const std::set<std::string, std::less<>> provides_;
};

}  // namespace patchbay::plugin_services
