#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::plugin_host {

/// What the last words of a crashed process said.
struct CrashRecord {
  uint64_t unix_s = 0;
  int signal = 0;
  std::string instance;  ///< whose code the crashing thread was in; "": nobody's
  std::string place;     ///< the breadcrumb's line
};

/// Reads what crash_handler.h has written. Nothing: not a record. [any-thread]
[[nodiscard]] std::optional<CrashRecord> parse_crash_record(const std::string& text);

/// Keeps a plugin that crashes the process again and again from doing so at the next start: twice within ten minutes,
/// and it is left out until its file changes or the operator starts it. [conductor]
class CrashGuard {
 public:
  static constexpr uint64_t kWindowS = 600;
  static constexpr size_t kRecordsMax = 20;

  /// Takes in the last crash, if there was one, and decides. Files: `<data>/crash/last` and
  /// `<data>/crash/history.json`.
  explicit CrashGuard(std::filesystem::path data_dir);

  /// What happened since the last start; nothing: it ended well.
  [[nodiscard]] const std::optional<CrashRecord>& last() const { return last_; }
  /// Why the instance must not run, as a sentence; "": it may. `sha256` of the file that would be loaded, "" when
  /// unknown.
  [[nodiscard]] std::string blocks(const std::string& instance, const std::string& sha256);
  /// The operator starts it in spite of everything.
  void forgive(const std::string& instance);

 private:
  struct Block {
    std::string sha256;  ///< of the file that crashed; "": not known yet
    uint64_t unix_s = 0;
  };
  void load();
  void save() const;

  std::filesystem::path folder_;
  std::optional<CrashRecord> last_;
  std::vector<CrashRecord> records_;
  std::map<std::string, Block> blocked_;
};

}  // namespace patchbay::plugin_host
