#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "admin/json.h"

namespace patchbay::admin {

/// One change that somebody made, or was refused. No bodies: they contain secrets.
struct AuditRecord {
  uint64_t created_unix_ms = 0;
  std::string from;    ///< "dashboard", "rest_api", "cli"
  std::string source;  ///< the user, or the key's name
  std::string source_ip;
  std::string operation_id;    ///< the route's path: "/clients/{clientid}"
  std::string operation_type;  ///< the route's group: "Clients"
  std::string method;
  std::string path;  ///< as requested, without the query
  int status = 0;
  uint64_t duration_ms = 0;
  std::string failure;  ///< what the answer says; "": done

  [[nodiscard]] bool succeeded() const { return status < 400; }
};

/// A record as GET /audit tells it, with EMQX's names.
[[nodiscard]] Json audit_json(const AuditRecord& record, const std::string& node_name);

/// The newest changes in memory, and more of them in files: a line each, the files turned over at a size. [any-thread]
class AuditLog {
 public:
  static constexpr size_t kRememberedMax = 2'000;
  static constexpr uint64_t kFileBytesMax = 10u << 20;
  static constexpr int kOldFiles = 5;

  explicit AuditLog(std::filesystem::path file) : file_(std::move(file)) {}

  /// Reads the end of the file, so that a restart does not forget. [control]
  void load();
  void add(const AuditRecord& record);
  /// Those that `wanted` takes, newest first.
  [[nodiscard]] std::vector<AuditRecord> find(const std::function<bool(const AuditRecord&)>& wanted) const;

 private:
  void append(const std::string& line);
  void turn_over() const;
  void remember(AuditRecord record);

  const std::filesystem::path file_;
  mutable std::mutex mutex_;         // guards what follows, and the file
  std::deque<AuditRecord> records_;  ///< newest last
};

}  // namespace patchbay::admin
