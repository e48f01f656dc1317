#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/problem.h"
#include "package/settings_terms.h"

namespace patchbay::package {

/// The schema of a plugin's settings: the subset of JSON Schema that plugin-sdk/schema/README.md writes down. Immutable
/// and cheap to copy. All functions: [any-thread], nothing throws.
class SettingsSchema {
 public:
  using References = package::References;

  /// Refuses every keyword outside of the subset, all problems at once. "" is the schema without settings: `{}`.
  [[nodiscard]] static base::Result<SettingsSchema, Problems> parse(std::string_view text);
  [[nodiscard]] static base::Result<SettingsSchema, Problems> from_json(nlohmann::json schema);

  /// Everything that is wrong with the settings; empty: valid. Values of secrets are never in a sentence.
  [[nodiscard]] Problems check(const nlohmann::json& settings, References references = References::accept) const;

  /// The settings with every default filled in that applies; also in objects that are there only by default.
  [[nodiscard]] nlohmann::json with_defaults(nlohmann::json settings) const;

  /// The settings with every x-secret value replaced by kSecretMask, for REST, logs and files that people look at.
  /// References such as `${env:X}` stay readable: they are no secret.
  [[nodiscard]] nlohmann::json masked(nlohmann::json settings) const;

  /// `changed` with the secrets of `current` where the mask came back. A mask with nothing behind it is a problem.
  [[nodiscard]] base::Result<nlohmann::json, Problems> unmasked(nlohmann::json changed,
                                                                const nlohmann::json& current) const;

  /// Pointers of what differs between the two and is marked x-restart, itself or above it; defaults count as written.
  [[nodiscard]] std::vector<std::string> restart_pointers(const nlohmann::json& before,
                                                          const nlohmann::json& after) const;

  /// Pointers of all x-secret values that are there.
  [[nodiscard]] std::vector<std::string> secret_pointers(const nlohmann::json& settings) const;

  /// The schema itself, for REST and forms.
  [[nodiscard]] const nlohmann::json& schema_json() const { return *root_; }

 private:
  explicit SettingsSchema(std::shared_ptr<const nlohmann::json> root) : root_(std::move(root)) {}

  std::shared_ptr<const nlohmann::json> root_;
};

}  // namespace patchbay::package
