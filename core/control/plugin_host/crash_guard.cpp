#include "plugin_host/crash_guard.h"

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>
#include <system_error>

#include "base/log.h"
#include "package/durable_file.h"

namespace patchbay::plugin_host {

namespace {

std::string read_file(const std::filesystem::path& path) {
  constexpr size_t bytes_max = size_t{1} << 20;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return {};
  const auto text = package::read_whole(path, bytes_max);
  return text ? *text : std::string();
}

// "plugin 'acl' (com.example.acl 1.0.0) in acl.publish, shard 0 (this thread)"
std::string instance_in(const std::string& place) {
  constexpr std::string_view begin = "plugin '";
  if (place.rfind("(this thread)") == std::string::npos || !place.starts_with(begin)) return {};
  const size_t end = place.find('\'', begin.size());
  return end == std::string::npos ? std::string() : place.substr(begin.size(), end - begin.size());
}

}  // namespace

std::optional<CrashRecord> parse_crash_record(const std::string& text) {
  std::istringstream lines(text);
  std::string line;
  CrashRecord record;
  if (!std::getline(lines, line) || line.rfind("signal ", 0) != 0) return std::nullopt;
  record.signal = std::atoi(line.c_str() + 7);
  if (!std::getline(lines, line) || line.rfind("unix_s ", 0) != 0) return std::nullopt;
  record.unix_s = std::strtoull(line.c_str() + 7, nullptr, 10);
  while (std::getline(lines, line)) {
    if (record.place.empty()) record.place = line;
    if (record.instance.empty()) record.instance = instance_in(line);
  }
  return record;
}

CrashGuard::CrashGuard(std::filesystem::path data_dir) : folder_(std::move(data_dir) / "crash") {
  load();
  const std::filesystem::path last = folder_ / "last";
  last_ = parse_crash_record(read_file(last));
  if (!last_) return;
  std::error_code error;
  std::filesystem::rename(last, folder_ / "previous", error);
  records_.push_back(*last_);
  if (records_.size() > kRecordsMax) records_.erase(records_.begin());
  size_t recent = 0;
  for (const CrashRecord& record : records_) {
    if (record.instance == last_->instance && last_->unix_s - record.unix_s <= kWindowS) ++recent;
  }
  if (!last_->instance.empty() && recent >= 2) blocked_[last_->instance] = {"", last_->unix_s};
  save();
}

std::string CrashGuard::blocks(const std::string& instance, const std::string& sha256) {
  const auto found = blocked_.find(instance);
  if (found == blocked_.end()) return {};
  Block& block = found->second;
  if (block.sha256.empty() && !sha256.empty()) {
    block.sha256 = sha256;
    save();
  }
  if (!sha256.empty() && block.sha256 != sha256) {
    forgive(instance);
    return {};
  }
  return "its code was running at two crashes within ten minutes; it is left out until its file changes, somebody "
         "starts it by hand, or " +
         (folder_ / "history.json").string() + " is removed";
}

void CrashGuard::forgive(const std::string& instance) {
  if (blocked_.erase(instance) != 0) save();
}

void CrashGuard::load() {
  const auto json = nlohmann::json::parse(read_file(folder_ / "history.json"), nullptr, false);
  if (!json.is_object()) return;
  for (const auto& one : json.value("crashes", nlohmann::json::array())) {
    if (!one.is_object()) continue;
    records_.push_back({one.value("unix_s", uint64_t{0}), one.value("signal", 0), one.value("instance", std::string()),
                        one.value("place", std::string())});
  }
  const auto blocked = json.value("blocked", nlohmann::json::object());
  for (const auto& [name, block] : blocked.items()) {
    if (block.is_object()) blocked_[name] = {block.value("sha256", std::string()), block.value("unix_s", uint64_t{0})};
  }
}

void CrashGuard::save() const {
  nlohmann::json json = {{"crashes", nlohmann::json::array()}, {"blocked", nlohmann::json::object()}};
  for (const CrashRecord& record : records_) {
    json["crashes"].push_back(
        {{"unix_s", record.unix_s}, {"signal", record.signal}, {"instance", record.instance}, {"place", record.place}});
  }
  for (const auto& [name, block] : blocked_)
    json["blocked"][name] = {{"sha256", block.sha256}, {"unix_s", block.unix_s}};
  const std::string text = json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  const auto written = package::write_durably(folder_ / "history.json", text);
  if (!written) base::log(base::LogArea::plugin, base::LogLevel::error, "crash history", {{"error", written.error()}});
}

}  // namespace patchbay::plugin_host
