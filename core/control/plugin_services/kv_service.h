#pragma once

#include <memory>
#include <mutex>

#include "patchbay/settings.h"
#include "plugin_services/kv_store.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// patchbay.kv/1 for one instance. The file is opened with the first call. [control], [worker]: it waits for the disk.
class KvService {
 public:
  KvService(ServiceAccount& account, KvDirectory& directory) : account_(account), directory_(directory) {}

  patchbay_status get(std::string_view key, std::string& value);
  patchbay_status put(std::string_view key, std::string_view value);
  patchbay_status remove(std::string_view key);
  patchbay_status scan(std::string_view prefix, const KvStore::Visit& visit);

 private:
  /// The store, or why there is none.
  [[nodiscard]] patchbay_status ready(std::shared_ptr<KvStore>& store);
  [[nodiscard]] patchbay_status status_of(KvStatus status);

  ServiceAccount& account_;
  KvDirectory& directory_;
  std::mutex mutex_;  // guards store_
  std::shared_ptr<KvStore> store_;
};

}  // namespace patchbay::plugin_services
