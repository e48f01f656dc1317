#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

struct sqlite3;

namespace patchbay::plugin_services {

enum class KvStatus : uint8_t { ok, not_found, too_large, full, failed };

/// The small data that one instance keeps beyond restarts and upgrades: one SQLite file. What a call has changed is on
/// the disk when it returns. Calls wait for the disk and for each other. [control], [worker]
class KvStore {
 public:
  static constexpr size_t kMaximumKey = 512;
  static constexpr size_t kMaximumValue = 65'536;
  static constexpr uint64_t kDefaultMaximumBytes = 64ull << 20;  ///< plugins.max_kv_bytes

  /// Opens or makes the file. Null: it can't; `error` says why.
  [[nodiscard]] static std::unique_ptr<KvStore> open(const std::filesystem::path& file, uint64_t maximum_bytes,
                                                     std::string& error);
  KvStore(const KvStore&) = delete;
  KvStore& operator=(const KvStore&) = delete;
  ~KvStore();

  [[nodiscard]] KvStatus get(std::string_view key, std::string& value);
  /// `too_large`: key (0 or above 512 bytes) or value; `full`: keys and values would be above the maximum.
  [[nodiscard]] KvStatus put(std::string_view key, std::string_view value);
  [[nodiscard]] KvStatus remove(std::string_view key);
  /// Visits in the order of the keys' bytes; false from `visit` ends it. No lock is held meanwhile: `visit` may change
  /// the store, and sees changes of keys that are still to come.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  [[nodiscard]] KvStatus scan(std::string_view prefix, const Visit& visit);

  /// Bytes of all keys and values.
  [[nodiscard]] uint64_t bytes() const;

 private:
  class Statement;

  KvStore(sqlite3* database, uint64_t maximum_bytes) : database_(database), maximum_bytes_(maximum_bytes) {}
  [[nodiscard]] bool prepare_file(std::string& error);
  [[nodiscard]] bool execute(const char* sql);
  [[nodiscard]] KvStatus size_of(std::string_view key, uint64_t& bytes);
  [[nodiscard]] KvStatus page(std::string_view prefix, const std::string& after, bool first,
                              std::map<std::string, std::string>& rows);

  sqlite3* database_;
  const uint64_t maximum_bytes_;
  mutable std::mutex mutex_;  // guards what follows and the database
  uint64_t bytes_ = 0;
};

/// The stores of all instances: one file each, shared by the old and the new version during an upgrade. [any-thread]
class KvDirectory {
 public:
  explicit KvDirectory(std::filesystem::path folder, uint64_t maximum_bytes = KvStore::kDefaultMaximumBytes)
      : folder_(std::move(folder)), maximum_bytes_(maximum_bytes) {}

  /// The store of the instance of that name, opened when it is asked for first. Null: it can't be opened; the log says
  /// why. [control], [worker]
  [[nodiscard]] std::shared_ptr<KvStore> open(std::string_view instance);

 private:
  const std::filesystem::path folder_;
  const uint64_t maximum_bytes_;
  std::mutex mutex_;  // guards what follows
  std::map<std::string, std::weak_ptr<KvStore>, std::less<>> open_;
};

}  // namespace patchbay::plugin_services
