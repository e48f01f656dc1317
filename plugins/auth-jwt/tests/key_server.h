#pragma once

#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include "jwt_broker.h"
#include "token_maker.h"
#include "wire/support/certificates.h"
#include "wire/support/process.h"
#include "wire/support/tcp_socket.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::auth_jwt::testing {

/// Python's server, with a certificate for localhost that the test made.
class KeyServer {
 public:
  KeyServer() : authority_(folder_), certificate_(authority_.issue("localhost")), port_(wire::free_port()) {}
  void start() {
    process_ = std::make_unique<wire::Process>(
        std::vector<std::string>{"/usr/bin/python3", AUTH_JWT_KEY_SERVER, std::to_string(port_),
                                 certificate_.certificate_file, certificate_.key_file, folder_.path()});
    if (!process_->wait_for("ready")) throw std::runtime_error("no server of keys:\n" + process_->error());
  }
  void kill() { process_.reset(); }
  void serve(const std::string& keys) const { folder_.write("jwks.json", key_set_of(keys)); }
  void be_slow(bool slow) const {
    if (slow) folder_.write("slow", "");
    if (!slow) std::filesystem::remove(folder_.path("slow"));
  }
  [[nodiscard]] std::string url(const std::string& path = "/jwks") const {
    return "https://localhost:" + std::to_string(port_) + path;
  }
  [[nodiscard]] std::string ca_file() const { return authority_.certificate_file(); }
  wire::Process& process() { return *process_; }

 private:
  wire::TemporaryFolder folder_;
  wire::CertificateAuthority authority_;
  wire::Certificate certificate_;
  uint16_t port_;
  std::unique_ptr<wire::Process> process_;
};

inline std::string jwks_settings(const KeyServer& server, const std::string& path = "/jwks",
                                 const std::string& more = {}) {
  return plugin_settings(
      "algorithms = [\"ES256\", \"EdDSA\"]\nleeway = \"0s\"\nkeys = { from = \"jwks\", minimum_interval = \"1s\", url "
      "= \"" +
      server.url(path) + "\", ca_file = \"" + server.ca_file() + "\"" + more + " }\n");
}

}  // namespace patchbay::auth_jwt::testing
