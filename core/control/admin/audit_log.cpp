#include "admin/audit_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "base/log.h"
#include "base/utc_time.h"
#include "package/file_descriptor.h"

namespace patchbay::admin {

namespace {

constexpr std::streamoff kReadBackBytes = 1 << 20;

Json line_of(const AuditRecord& record) {
  return {{"created_unix_ms", record.created_unix_ms},
          {"from", record.from},
          {"source", record.source},
          {"source_ip", record.source_ip},
          {"operation_id", record.operation_id},
          {"operation_type", record.operation_type},
          {"method", record.method},
          {"path", record.path},
          {"status", record.status},
          {"duration_ms", record.duration_ms},
          {"failure", record.failure}};
}

bool read_line(const std::string& line, AuditRecord& record) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object()) return false;
  try {
    record.created_unix_ms = json.at("created_unix_ms").get<uint64_t>();
    record.from = json.at("from").get<std::string>();
    record.source = json.at("source").get<std::string>();
    record.source_ip = json.at("source_ip").get<std::string>();
    record.operation_id = json.at("operation_id").get<std::string>();
    record.operation_type = json.at("operation_type").get<std::string>();
    record.method = json.at("method").get<std::string>();
    record.path = json.at("path").get<std::string>();
    record.status = json.at("status").get<int>();
    record.duration_ms = json.at("duration_ms").get<uint64_t>();
    record.failure = json.at("failure").get<std::string>();
    return true;
  } catch (const Json::exception&) {
    return false;
  }
}

std::filesystem::path numbered(const std::filesystem::path& file, int number) {
  return file.string() + "." + std::to_string(number);
}

}  // namespace

Json audit_json(const AuditRecord& record, const std::string& node_name) {
  return {{"created_at", base::utc_time_text(record.created_unix_ms)},
          {"node", node_name},
          {"from", record.from},
          {"source", record.source},
          {"source_ip", record.source_ip},
          {"operation_id", record.operation_id},
          {"operation_type", record.operation_type},
          {"operation_result", record.succeeded() ? "success" : "failure"},
          {"http_status_code", record.status},
          {"http_method", record.method},
          {"http_request", {{"method", record.method}, {"path", record.path}}},
          {"duration_ms", record.duration_ms},
          {"failure", record.failure}};
}

void AuditLog::load() {
  const std::lock_guard lock(mutex_);
  std::ifstream file(file_, std::ios::binary | std::ios::ate);
  if (!file) return;
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - kReadBackBytes));
  std::string line;
  if (size > kReadBackBytes) std::getline(file, line);  // begins in the middle of one
  while (std::getline(file, line)) {
    AuditRecord record;
    if (read_line(line, record)) remember(std::move(record));
  }
}

void AuditLog::remember(AuditRecord record) {
  records_.push_back(std::move(record));
  if (records_.size() > kRememberedMax) records_.pop_front();
}

void AuditLog::add(const AuditRecord& record) {
  const std::string line = line_of(record).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::lock_guard lock(mutex_);
  append(line);
  remember(record);
}

void AuditLog::append(const std::string& line) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file_, error);
  if (!error && size + line.size() > kFileBytesMax) turn_over();
  const package::FileDescriptor file(
      ::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
  const bool written =
      file.is_open() && ::write(file.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size());
  if (written) return;
  base::log(base::LogArea::admin, base::LogLevel::error, "the audit log cannot be written", {{"file", file_.string()}});
}

void AuditLog::turn_over() const {
  std::error_code ignored;
  for (int number = kOldFiles - 1; number >= 1; --number)
    std::filesystem::rename(numbered(file_, number), numbered(file_, number + 1), ignored);
  std::filesystem::rename(file_, numbered(file_, 1), ignored);
}

std::vector<AuditRecord> AuditLog::find(const std::function<bool(const AuditRecord&)>& wanted) const {
  const std::lock_guard lock(mutex_);
  std::vector<AuditRecord> found;
  for (auto record = records_.rbegin(); record != records_.rend(); ++record) {
    if (wanted(*record)) found.push_back(*record);
  }
  return found;
}

}  // namespace patchbay::admin
