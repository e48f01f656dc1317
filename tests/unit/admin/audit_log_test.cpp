#include <catch2/catch.hpp>
#include <fstream>

#include "admin/audit_log.h"
#include "unit/admin/temporary_accounts.h"

using namespace patchbay::admin;
using namespace patchbay::test;

namespace {

AuditRecord record(const std::string& source, int status) {
  AuditRecord one;
  one.created_unix_ms = 1'700'000'000'000;
  one.from = "rest_api";
  one.source = source;
  one.source_ip = "127.0.0.1";
  one.operation_id = "/clients/{clientid}";
  one.operation_type = "Clients";
  one.method = "DELETE";
  one.path = "/clients/<b>";
  one.status = status;
  one.failure = status < 400 ? "" : "no";
  return one;
}

std::vector<AuditRecord> all(const AuditLog& log) {
  return log.find([](const AuditRecord&) { return true; });
}

}  // namespace

TEST_CASE("records come newest first, and survive a restart") {
  const AccountFolder folder;
  AuditLog log(folder.path / "audit.log");
  log.add(record("ann", 204));
  log.add(record("bob", 404));
  REQUIRE(all(log).size() == 2);
  CHECK(all(log)[0].source == "bob");
  CHECK_FALSE(all(log)[0].succeeded());
  CHECK(log.find([](const AuditRecord& one) { return one.source == "ann"; }).size() == 1);

  std::ofstream(folder.path / "audit.log", std::ios::app) << "half a line";
  AuditLog next(folder.path / "audit.log");
  next.load();
  REQUIRE(all(next).size() == 2);
  CHECK(all(next)[1].path == "/clients/<b>");
}

TEST_CASE("memory and files are bounded") {
  const AccountFolder folder;
  AuditLog log(folder.path / "audit.log");
  AuditRecord large = record("ann", 204);
  large.path = std::string(1u << 20, 'a');
  for (int count = 0; count < 22; ++count) log.add(large);
  CHECK(std::filesystem::file_size(folder.path / "audit.log") <= AuditLog::kFileBytesMax);
  CHECK(std::filesystem::exists(folder.path / "audit.log.1"));
  CHECK(std::filesystem::exists(folder.path / "audit.log.2"));
  CHECK_FALSE(std::filesystem::exists(folder.path / "audit.log.3"));
  for (size_t count = 0; count < AuditLog::kRememberedMax; ++count) log.add(record("bob", 204));
  CHECK(all(log).size() == AuditLog::kRememberedMax);
}

TEST_CASE("a record has EMQX's names") {
  const Json json = audit_json(record("ann", 404), "node@1");
  CHECK(json["created_at"] == "2023-11-14T22:13:20.000Z");
  CHECK(json["operation_result"] == "failure");
  CHECK(json["http_status_code"] == 404);
  CHECK(json["node"] == "node@1");
  CHECK(json["failure"] == "no");
}
