#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace patchbay::package {

struct SettingsStoreLimits {
  size_t versions_max = 50;                 ///< of one instance; older ones are deleted when a new one is written
  size_t settings_bytes_max = 1024 * 1024;  ///< of one version
};

/// One version of an instance's settings.
struct SettingsVersion {
  uint64_t number = 0;  ///< 1, 2, 3, ... of the instance; never reused
  std::string author;
  uint64_t unix_ms = 0;
  std::string note;
  uint32_t config_version = 1;  ///< the manifest's, for migrations
  std::string settings;         ///< JSON object; empty in list()
};

struct SettingsStoreError {
  enum class Kind : uint8_t { conflict, not_found, invalid, io };
  Kind kind = Kind::io;
  std::string sentence;
};

/// What is to be written.
struct SettingsChange {
  std::string settings;  ///< JSON object
  std::string author;
  std::string note;
  uint32_t config_version = 1;
  std::optional<uint64_t> expected;  ///< If-Match: the current number (0: there is none yet), or nobody minds
};

/// The versions of every instance's settings, one file each: `<data>/plugins/<instance>/config-<n>.json`, written whole
/// to a temporary file, synced and renamed, mode 0600. The highest number is in force. [control], blocks on the disk.
class SettingsStore {
 public:
  /// `clock` must outlive the store.
  SettingsStore(std::filesystem::path data_dir, const base::Clock& clock, SettingsStoreLimits limits = {});

  template <class T>
  using Answer = base::Result<T, SettingsStoreError>;

  /// Writes the next version and returns its number.
  [[nodiscard]] Answer<uint64_t> put(std::string_view instance, const SettingsChange& change);
  /// All versions, newest first, without their settings. An instance without any has an empty list.
  [[nodiscard]] Answer<std::vector<SettingsVersion>> list(std::string_view instance) const;
  [[nodiscard]] Answer<SettingsVersion> get(std::string_view instance, uint64_t number) const;
  /// The version in force; not_found when there is none.
  [[nodiscard]] Answer<SettingsVersion> current(std::string_view instance) const;
  /// Writes a new version with the settings of `number`, and returns its number: history is never rewritten.
  [[nodiscard]] Answer<uint64_t> roll_back(std::string_view instance, uint64_t number, std::string author,
                                           std::optional<uint64_t> expected = std::nullopt);
  /// Deletes all versions of the instance.
  [[nodiscard]] Answer<size_t> remove(std::string_view instance);

 private:
  [[nodiscard]] Answer<std::vector<uint64_t>> known_numbers(std::string_view instance) const;
  Answer<bool> write_version(std::string_view instance, const SettingsVersion& version, nlohmann::json settings);
  void drop_oldest(std::string_view instance, const std::vector<uint64_t>& older) const;
  [[nodiscard]] std::filesystem::path folder(std::string_view instance) const;

  std::filesystem::path data_dir_;
  const base::Clock& clock_;
  SettingsStoreLimits limits_;
};

/// Letters, digits, '-', '_' and '.', beginning with a letter or digit, at most 64 bytes: what is safe as a name of a
/// folder, of a metric's label and in a URL. [any-thread]
[[nodiscard]] bool is_instance_name(std::string_view name);

}  // namespace patchbay::package
