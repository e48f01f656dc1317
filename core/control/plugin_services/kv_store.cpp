#include "plugin_services/kv_store.h"

#include <sqlite3.h>

#include <system_error>
#include <utility>

#include "base/log.h"

namespace patchbay::plugin_services {

namespace {
constexpr int kBusyWaitMs = 2000;
constexpr int kScanRows = 64;

std::string_view column_bytes(sqlite3_stmt* statement, int column) {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, column));
  return {data == nullptr ? "" : data, static_cast<size_t>(sqlite3_column_bytes(statement, column))};
}
}  // namespace

/// One run of one SQL sentence; finalized with the object.
class KvStore::Statement {
 public:
  Statement(sqlite3* database, const char* sql) { sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  /// The bytes must live until the statement is gone. An empty text needs a pointer too: null would be SQL's NULL.
  Statement& bind(int index, std::string_view bytes) {
    sqlite3_bind_blob64(statement_, index, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
  }
  Statement& bind(int index, int64_t number) {
    sqlite3_bind_int64(statement_, index, number);
    return *this;
  }
  [[nodiscard]] int step() { return statement_ == nullptr ? SQLITE_ERROR : sqlite3_step(statement_); }
  [[nodiscard]] std::string_view bytes(int column) const { return column_bytes(statement_, column); }
  [[nodiscard]] uint64_t number(int column) const {
    return static_cast<uint64_t>(sqlite3_column_int64(statement_, column));
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

std::unique_ptr<KvStore> KvStore::open(const std::filesystem::path& file, uint64_t maximum_bytes, std::string& error) {
  sqlite3* database = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(file.c_str(), &database, flags, nullptr);
  std::unique_ptr<KvStore> store(new KvStore(database, maximum_bytes));  // closes what was opened, whatever follows
  if (opened != SQLITE_OK) {
    error = database == nullptr ? "no memory" : sqlite3_errmsg(database);
    return nullptr;
  }
  return store->prepare_file(error) ? std::move(store) : nullptr;
}

KvStore::~KvStore() {
  sqlite3_close_v2(database_);
}

bool KvStore::prepare_file(std::string& error) {
  sqlite3_busy_timeout(database_, kBusyWaitMs);
  // FULL: in WAL mode only this writes each commit to the disk before it returns.
  const bool ready = execute("PRAGMA journal_mode = WAL") && execute("PRAGMA synchronous = FULL") &&
                     execute("CREATE TABLE IF NOT EXISTS kv (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID");
  if (ready) {
    Statement sum(database_, "SELECT COALESCE(SUM(LENGTH(key) + LENGTH(value)), 0) FROM kv");
    if (sum.step() == SQLITE_ROW) {
      bytes_ = sum.number(0);
      return true;
    }
  }
  error = sqlite3_errmsg(database_);
  return false;
}

bool KvStore::execute(const char* sql) {
  return sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) == SQLITE_OK;
}

KvStatus KvStore::get(std::string_view key, std::string& value) {
  const std::lock_guard lock(mutex_);
  Statement select(database_, "SELECT value FROM kv WHERE key = ?1");
  const int step = select.bind(1, key).step();
  if (step == SQLITE_DONE) return KvStatus::not_found;
  if (step != SQLITE_ROW) return KvStatus::failed;
  value = select.bytes(0);
  return KvStatus::ok;
}

KvStatus KvStore::size_of(std::string_view key, uint64_t& bytes) {
  Statement select(database_, "SELECT LENGTH(key) + LENGTH(value) FROM kv WHERE key = ?1");
  const int step = select.bind(1, key).step();
  bytes = step == SQLITE_ROW ? select.number(0) : 0;
  if (step == SQLITE_ROW) return KvStatus::ok;
  return step == SQLITE_DONE ? KvStatus::not_found : KvStatus::failed;
}

KvStatus KvStore::put(std::string_view key, std::string_view value) {
  if (key.empty() || key.size() > kMaximumKey || value.size() > kMaximumValue) return KvStatus::too_large;
  const std::lock_guard lock(mutex_);
  uint64_t before = 0;
  if (size_of(key, before) == KvStatus::failed) return KvStatus::failed;
  const uint64_t after = bytes_ - before + key.size() + value.size();
  if (after > maximum_bytes_) return KvStatus::full;
  Statement insert(database_, "INSERT OR REPLACE INTO kv (key, value) VALUES (?1, ?2)");
  if (insert.bind(1, key).bind(2, value).step() != SQLITE_DONE) return KvStatus::failed;
  bytes_ = after;
  return KvStatus::ok;
}

KvStatus KvStore::remove(std::string_view key) {
  const std::lock_guard lock(mutex_);
  uint64_t before = 0;
  const KvStatus known = size_of(key, before);
  if (known != KvStatus::ok) return known;
  Statement erase(database_, "DELETE FROM kv WHERE key = ?1");
  if (erase.bind(1, key).step() != SQLITE_DONE) return KvStatus::failed;
  bytes_ -= before;
  return KvStatus::ok;
}

KvStatus KvStore::page(std::string_view prefix, const std::string& after, bool first,
                       std::map<std::string, std::string>& rows) {
  const std::lock_guard lock(mutex_);
  Statement select(database_, first ? "SELECT key, value FROM kv WHERE key >= ?1 ORDER BY key LIMIT ?2"
                                    : "SELECT key, value FROM kv WHERE key > ?1 ORDER BY key LIMIT ?2");
  select.bind(1, after).bind(2, int64_t{kScanRows});
  int step = SQLITE_DONE;
  while ((step = select.step()) == SQLITE_ROW && select.bytes(0).starts_with(prefix)) {
    rows.emplace(select.bytes(0), select.bytes(1));
  }
  return step == SQLITE_ROW || step == SQLITE_DONE ? KvStatus::ok : KvStatus::failed;
}

KvStatus KvStore::scan(std::string_view prefix, const Visit& visit) {
  std::string after(prefix);
  bool first = true;
  for (;;) {
    std::map<std::string, std::string> rows;
    if (page(prefix, after, std::exchange(first, false), rows) != KvStatus::ok) return KvStatus::failed;
    if (rows.empty()) return KvStatus::ok;
    for (const auto& [key, value] : rows) {
      if (!visit(key, value)) return KvStatus::ok;
    }
    after = rows.rbegin()->first;
  }
}

uint64_t KvStore::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::shared_ptr<KvStore> KvDirectory::open(std::string_view instance) {
  const std::lock_guard lock(mutex_);
  const auto found = open_.find(instance);
  if (found != open_.end()) {
    if (std::shared_ptr<KvStore> store = found->second.lock()) return store;
  }
  std::error_code failure;
  std::filesystem::create_directories(folder_, failure);
  std::string error = failure ? failure.message() : "";
  const std::filesystem::path file = folder_ / (std::string(instance) + ".sqlite");
  std::shared_ptr<KvStore> store = failure ? nullptr : KvStore::open(file, maximum_bytes_, error);
  if (store == nullptr) {
    base::log(base::LogArea::plugin, base::LogLevel::error, "the store of a plugin instance can't be opened",
              {{"instance", instance}, {"file", std::string_view(file.native())}, {"error", error}});
    return nullptr;
  }
  open_[std::string(instance)] = store;
  return store;
}

}  // namespace patchbay::plugin_services
