#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "patchbay/settings.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// patchbay.settings/1 for one instance. [any-thread]
class SettingsService {
 public:
  /// The settings that configure() has taken over, secrets masked. Called by the plugin host. [control]
  void set(std::string masked_json, uint64_t version);
  [[nodiscard]] std::string current() const;
  [[nodiscard]] uint64_t version() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::string masked_json_ = "{}";
  uint64_t version_ = 1;
};

/// Role: where "${env:NAME}" and "${file:/path}" lead. Implemented by the plugin host. [control], [worker]
class SecretResolver {
 public:
  virtual ~SecretResolver() = default;
  /// OK, NOT_FOUND, DENIED (a place that isn't allowed), INVALID (no reference).
  virtual patchbay_status resolve(std::string_view reference, std::string& value) = 0;
};

/// patchbay.secret/1 for one instance. [control], [worker]: it reads files.
class SecretService {
 public:
  SecretService(ServiceAccount& account, SecretResolver& resolver) : account_(account), resolver_(resolver) {}

  patchbay_status resolve(std::string_view reference, patchbay_secret_fn function, void* self);

 private:
  ServiceAccount& account_;
  SecretResolver& resolver_;
};

}  // namespace patchbay::plugin_services
