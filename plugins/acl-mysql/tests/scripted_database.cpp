#include "scripted_database.h"

#include <utility>

#include "settings.h"

namespace patchbay::acl_mysql {

namespace {
ScriptedDatabase* current_database = nullptr;
}  // namespace

class ScriptedConnection final : public Connection {
 public:
  Outcome run(const Query& query, const std::vector<Value>& parameters) override {
    auto& of = ScriptedDatabase::current();
    std::unique_lock lock(of.mutex_);
    of.asked_.push_back({query.sql, parameters});
    of.changed_.notify_all();
    of.changed_.wait(lock, [&] { return !of.held_ || aborted_; });
    if (aborted_) return {Fault::lost, "aborted", {}};
    if (of.to_lose_ > 0) {
      --of.to_lose_;
      return {Fault::lost, "Lost connection to server during query", {}};
    }
    Outcome outcome = of.answer_(query, parameters);
    if (outcome.rows.rows.size() > query.maximum_rows) return {Fault::refused, "too many rows", {}};
    return outcome;
  }
  bool ping() override { return true; }
  void abort() noexcept override {
    auto& of = ScriptedDatabase::current();
    const std::lock_guard lock(of.mutex_);
    aborted_ = true;
    of.changed_.notify_all();
  }

 private:
  bool aborted_ = false;
};

class ScriptedConnector final : public Connector {
 public:
  std::unique_ptr<Connection> open(std::string& error) override {
    auto& of = ScriptedDatabase::current();
    const std::lock_guard lock(of.mutex_);
    ++of.attempts_;
    of.changed_.notify_all();
    if (!of.refusal_.empty()) {
      error = of.refusal_;
      return nullptr;
    }
    ++of.opened_;
    return std::make_unique<ScriptedConnection>();
  }
};

std::shared_ptr<Connector> make_connector(const Settings&) {
  return std::make_shared<ScriptedConnector>();
}

ScriptedDatabase::ScriptedDatabase() {
  current_database = this;
  answer_rows(acl_rows({}));
}

ScriptedDatabase::~ScriptedDatabase() {
  current_database = nullptr;
}

ScriptedDatabase& ScriptedDatabase::current() {
  return *current_database;
}

void ScriptedDatabase::answer_with(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void ScriptedDatabase::answer_rows(Rows rows) {
  answer_with([rows = std::move(rows)](const Query&, const std::vector<Value>&) {
    return Outcome{Fault::none, "", rows};
  });
}

void ScriptedDatabase::refuse(std::string error) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(error);
}

void ScriptedDatabase::lose(int count) {
  const std::lock_guard lock(mutex_);
  to_lose_ = count;
}

void ScriptedDatabase::hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void ScriptedDatabase::release() {
  const std::lock_guard lock(mutex_);
  held_ = false;
  changed_.notify_all();
}

void ScriptedDatabase::wait_for_queries(size_t count) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return asked_.size() >= count; });
}

std::vector<ScriptedDatabase::Asked> ScriptedDatabase::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

size_t ScriptedDatabase::opened() const {
  const std::lock_guard lock(mutex_);
  return opened_;
}

size_t ScriptedDatabase::attempts() const {
  const std::lock_guard lock(mutex_);
  return attempts_;
}

Rows acl_rows(std::vector<std::vector<Value>> rows) {
  return {{"permission", "action", "topic", "ipaddress", "qos", "retain"}, std::move(rows)};
}

Rows user_row(Value password_hash, Value salt, Value is_superuser) {
  return {{"password_hash", "salt", "is_superuser"},
          {{std::move(password_hash), std::move(salt), std::move(is_superuser)}}};
}

}  // namespace patchbay::acl_mysql
