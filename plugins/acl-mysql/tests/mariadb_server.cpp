#include "mariadb_server.h"

#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <thread>
#include <vector>

#include "wire/support/tcp_socket.h"

namespace patchbay::acl_mysql {

namespace {

using namespace std::chrono_literals;

constexpr auto kStartPatience = 60s;
constexpr const char* kAccount =
    "CREATE DATABASE mqtt; CREATE USER patchbay@'%' IDENTIFIED BY 'database-secret';"
    "CREATE USER patchbay@localhost IDENTIFIED BY 'database-secret'; GRANT SELECT ON mqtt.* TO patchbay@'%';"
    "GRANT SELECT ON mqtt.* TO patchbay@localhost;";

std::string own_name() {
  const passwd* entry = ::getpwuid(::geteuid());
  return entry == nullptr ? "root" : entry->pw_name;
}

void must(const wire::Finished& done, const std::string& what) {
  if (done.exit_code != 0) throw std::runtime_error(what + ": " + done.output + done.error);
}

std::string schema() {
  std::ifstream file(std::string(PATCHBAY_SOURCE_DIR) + "/plugins/acl-mysql/schema.sql");
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether the kernel says of all threads that they are stopped: the state stands behind the name in brackets.
bool is_stopped(pid_t process) {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task")) {
    std::ifstream file(thread.path() / "stat");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const size_t bracket = text.rfind(')');
    if (bracket == std::string::npos || text.compare(bracket, 3, ") T") != 0) return false;
  }
  return true;
}

}  // namespace

void MariadbServer::freeze() {
  process_->signal(SIGSTOP);
  const auto end = std::chrono::steady_clock::now() + 10s;
  while (!is_stopped(process_->id())) {
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error("the server does not stand still");
    std::this_thread::sleep_for(1ms);
  }
}

MariadbServer::MariadbServer()
    : port_(wire::free_port()),
      authority_(std::make_unique<wire::CertificateAuthority>(folder_)),
      certificate_(authority_->issue("localhost")) {
  install();
  start();
  sql(kAccount);
  sql("USE mqtt; " + schema());
}

void MariadbServer::install() const {
  // A server that starts deletes what it takes for left over in its folder for temporary files: not in another one's.
  std::filesystem::create_directory(folder_.path("tmp"));
  must(wire::run({"mariadb-install-db", "--no-defaults", "--datadir=" + folder_.path("data"),
                  "--tmpdir=" + folder_.path("tmp"), "--auth-root-authentication-method=normal", "--skip-test-db",
                  "--user=" + own_name()},
                 kStartPatience),
       "mariadb-install-db");
}

void MariadbServer::start() {
  process_ = std::make_unique<wire::Process>(std::vector<std::string>{
      "mariadbd", "--no-defaults", "--datadir=" + folder_.path("data"), "--tmpdir=" + folder_.path("tmp"),
      "--socket=" + socket(), "--port=" + std::to_string(port_), "--bind-address=127.0.0.1",
      "--pid-file=" + folder_.path("pid"), "--user=" + own_name(), "--ssl-cert=" + certificate_.certificate_file,
      "--ssl-key=" + certificate_.key_file, "--ssl-ca=" + ca_file(), "--innodb-buffer-pool-size=8M"});
  if (!process_->wait_for("ready for connections", kStartPatience)) {
    throw std::runtime_error("mariadbd is not ready: " + process_->output() + process_->error());
  }
}

void MariadbServer::kill() {
  process_->signal(SIGKILL);
  if (!process_->wait_exit()) throw std::runtime_error("mariadbd does not die");
  process_.reset();
}

void MariadbServer::sql(const std::string& text) {
  must(wire::run({"mariadb", "--no-defaults", "--socket=" + socket(), "--user=root", "--default-character-set=utf8mb4"},
                 20s, text),
       "mariadb");
}

}  // namespace patchbay::acl_mysql
