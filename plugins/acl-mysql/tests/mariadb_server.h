#pragma once

#include <csignal>
#include <cstdint>
#include <memory>
#include <string>

#include "wire/support/certificates.h"
#include "wire/support/process.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::acl_mysql {

/// A real MariaDB server on a free loopback port, with a data folder of its own, run by whoever runs the test. It
/// speaks TLS with a certificate of an authority of its own. Its database `mqtt` has the tables of schema.sql, and its
/// user `patchbay` (password "database-secret") may read them.
class MariadbServer {
 public:
  MariadbServer();

  void start();
  /// SIGKILL.
  void kill();
  /// SIGSTOP: connections stay open and say nothing. Returns when each of its threads stands still.
  void freeze();
  void thaw() { process_->signal(SIGCONT); }
  /// As the server's administrator, by the socket file; throws with what the server says.
  void sql(const std::string& text);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string ca_file() const { return authority_->certificate_file(); }
  [[nodiscard]] std::string socket() const { return folder_.path("s"); }
  [[nodiscard]] const wire::TemporaryFolder& folder() const { return folder_; }

 private:
  void install() const;
  wire::TemporaryFolder folder_;
  std::uint16_t port_;
  std::unique_ptr<wire::CertificateAuthority> authority_;
  wire::Certificate certificate_;
  std::unique_ptr<wire::Process> process_;
};

}  // namespace patchbay::acl_mysql
