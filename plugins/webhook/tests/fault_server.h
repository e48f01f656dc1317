#pragma once

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "wire/support/certificates.h"
#include "wire/support/process.h"
#include "wire/support/tcp_socket.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::webhook {

/// The server of fault_server.py, which can be stopped and started again on its port.
class FaultServer {
 public:
  explicit FaultServer(const wire::TemporaryFolder& folder, std::optional<wire::Certificate> certificate = {})
      : record_(folder.path("record.jsonl")), certificate_(std::move(certificate)), port_(wire::free_port()) {}

  void start() {
    std::vector<std::string> command = {"python3", WEBHOOK_SERVER, std::to_string(port_), record_};
    if (certificate_) {
      command.push_back(certificate_->certificate_file);
      command.push_back(certificate_->key_file);
      if (!client_authority_.empty()) command.push_back(client_authority_);
    }
    process_ = std::make_unique<wire::Process>(command);
    if (!process_->wait_for("ready")) throw std::runtime_error("the HTTP server doesn't start: " + process_->error());
  }
  /// Clients must have a certificate of this authority. Before start().
  void demand_certificates_of(const wire::CertificateAuthority& authority) {
    client_authority_ = authority.certificate_file();
  }
  void stop() { process_.reset(); }
  /// "500", or "slow&seconds=2"; on a server without TLS.
  void mode(const std::string& mode) const {
    wire::TcpSocket socket(port_);
    socket.send("POST /mode?is=" + mode + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    static_cast<void>(socket.receive(12));
  }
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "/hook") const {
    return (certificate_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + path;
  }

  /// What has been recorded so far.
  [[nodiscard]] std::vector<nlohmann::json> requests() const {
    std::vector<nlohmann::json> out;
    std::ifstream file(record_);
    for (std::string line; std::getline(file, line) && !file.eof();) out.push_back(nlohmann::json::parse(line));
    return out;
  }
  /// The events of all requests, one by one.
  [[nodiscard]] std::vector<nlohmann::json> events() const {
    std::vector<nlohmann::json> out;
    for (const auto& request : requests()) {
      const auto body = nlohmann::json::parse(request["body"].get<std::string>());
      if (!body.is_array()) {
        out.push_back(body);
      } else {
        out.insert(out.end(), body.begin(), body.end());
      }
    }
    return out;
  }
  /// Waits until so many events are there; all of them.
  std::vector<nlohmann::json> wait_for_events(size_t count,
                                              std::chrono::seconds patience = std::chrono::seconds(20)) const {
    const auto end = std::chrono::steady_clock::now() + patience;
    auto out = events();
    while (out.size() < count && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      out = events();
    }
    return out;
  }

 private:
  std::string record_;
  std::optional<wire::Certificate> certificate_;
  std::string client_authority_;
  uint16_t port_;
  std::unique_ptr<wire::Process> process_;
};

}  // namespace patchbay::webhook
