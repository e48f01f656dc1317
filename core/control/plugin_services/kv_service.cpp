#include "plugin_services/kv_service.h"

#include "base/shard.h"

namespace patchbay::plugin_services {

static_assert(KvStore::kMaximumKey == PATCHBAY_KV_MAXIMUM_KEY);
static_assert(KvStore::kMaximumValue == PATCHBAY_KV_MAXIMUM_VALUE);

patchbay_status KvService::ready(std::shared_ptr<KvStore>& store) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (!account_.finishes_work()) return PATCHBAY_CLOSED;
  const std::lock_guard lock(mutex_);
  if (store_ == nullptr) store_ = directory_.open(account_.facts.name);
  store = store_;
  return store == nullptr ? PATCHBAY_FAILED : PATCHBAY_OK;
}

patchbay_status KvService::status_of(KvStatus status) {
  switch (status) {
    case KvStatus::ok:
      return PATCHBAY_OK;
    case KvStatus::not_found:
      return PATCHBAY_NOT_FOUND;
    case KvStatus::too_large:
      return PATCHBAY_TOO_LARGE;
    case KvStatus::full:
      account_.refusals.count(Refusal::kv_bytes);
      return PATCHBAY_BUSY;
    case KvStatus::failed:
      break;
  }
  return PATCHBAY_FAILED;
}

patchbay_status KvService::get(std::string_view key, std::string& value) {
  std::shared_ptr<KvStore> store;
  const patchbay_status status = ready(store);
  return status == PATCHBAY_OK ? status_of(store->get(key, value)) : status;
}

patchbay_status KvService::put(std::string_view key, std::string_view value) {
  std::shared_ptr<KvStore> store;
  const patchbay_status status = ready(store);
  return status == PATCHBAY_OK ? status_of(store->put(key, value)) : status;
}

patchbay_status KvService::remove(std::string_view key) {
  std::shared_ptr<KvStore> store;
  const patchbay_status status = ready(store);
  return status == PATCHBAY_OK ? status_of(store->remove(key)) : status;
}

patchbay_status KvService::scan(std::string_view prefix, const KvStore::Visit& visit) {
  std::shared_ptr<KvStore> store;
  const patchbay_status status = ready(store);
  return status == PATCHBAY_OK ? status_of(store->scan(prefix, visit)) : status;
}

}  // namespace patchbay::plugin_services
