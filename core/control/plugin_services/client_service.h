#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/client_info.h"
#include "patchbay/clients.h"
#include "plugin_services/query_answers.h"
#include "plugin_services/service_account.h"
#include "plugin_services/service_shards.h"

namespace patchbay::session {
class Session;
}

namespace patchbay::plugin_services {

/// patchbay.clients/1 for one instance. What concerns one client is done on its home shard; pages walk over the
/// shards, a bounded number of sessions in a turn. All [any-thread].
class ClientService {
 public:
  static constexpr uint32_t kMaximumPage = 1'000;
  static constexpr size_t kMaximumAttributes = 64;  ///< of one client
  static constexpr size_t kMaximumAttributeName = 128;
  static constexpr size_t kMaximumAttributeValue = 4'096;
  using Attributes = std::vector<std::pair<std::string, std::string>>;

  ClientService(ServiceAccount& account, const ServiceShards& shards, QueryAnswers& answers)
      : account_(account), shards_(shards), answers_(answers) {}

  patchbay_status find(std::string_view client_id, patchbay_clients_fn function, void* self);
  patchbay_status page(uint64_t cursor, uint32_t limit, patchbay_clients_fn function, void* self);
  patchbay_status disconnect(std::string_view client_id, uint8_t reason);
  /// Empty values remove.
  patchbay_status set_attributes(std::string_view client_id, Attributes attributes);
  patchbay_status invalidate_acl(std::string_view client_id, std::string_view username);

 private:
  struct Walk;

  template <class F>
  patchbay_status at_home(std::string_view client_id, F work);
  void step(const std::shared_ptr<Walk>& walk, uint32_t shard, size_t slot);
  void finish(const std::shared_ptr<Walk>& walk, uint64_t cursor);
  void change_attributes(session::Session& session, const Attributes& changes);

  ServiceAccount& account_;
  const ServiceShards& shards_;
  QueryAnswers& answers_;
};

}  // namespace patchbay::plugin_services
