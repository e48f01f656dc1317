#include "plugin_services/settings_service.h"

#include <cstring>
#include <utility>

#include "base/shard.h"

namespace patchbay::plugin_services {

void SettingsService::set(std::string masked_json, uint64_t version) {
  const std::lock_guard lock(mutex_);
  masked_json_ = std::move(masked_json);
  version_ = version;
}

std::string SettingsService::current() const {
  const std::lock_guard lock(mutex_);
  return masked_json_;
}

uint64_t SettingsService::version() const {
  const std::lock_guard lock(mutex_);
  return version_;
}

patchbay_status SecretService::resolve(std::string_view reference, patchbay_secret_fn function, void* self) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (!account_.finishes_work()) return PATCHBAY_CLOSED;
  if (function == nullptr) return account_.invalid("a secret was asked for without a function");
  std::string value;
  const patchbay_status status = resolver_.resolve(reference, value);
  if (status == PATCHBAY_OK) {
    account_.call(Door::query, [&] { function(self, bytes_of(value)); });
  }
  explicit_bzero(value.data(), value.size());
  return status;
}

}  // namespace patchbay::plugin_services
