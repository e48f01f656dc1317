#pragma once

#include <catch2/catch.hpp>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "wire/support/certificates.h"
#include "wire/support/process.h"
#include "wire/support/tcp_socket.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::auth_http {

/// The server of auth_server.py.
class AuthServer {
 public:
  explicit AuthServer(std::optional<wire::Certificate> certificate = {})
      : certificate_(std::move(certificate)), port_(wire::free_port()) {
    replies(nlohmann::json::object());
  }
  void start() {
    std::vector<std::string> command = {"python3", AUTH_HTTP_SERVER, std::to_string(port_), folder_.path()};
    if (certificate_) {
      command.push_back(certificate_->certificate_file);
      command.push_back(certificate_->key_file);
    }
    process_ = std::make_unique<wire::Process>(command);
    if (!process_->wait_for("ready")) throw std::runtime_error("the server doesn't start: " + process_->error());
  }
  void stop() { process_.reset(); }
  void replies(const nlohmann::json& by_name) const {
    folder_.write("replies.new", by_name.dump());
    std::filesystem::rename(folder_.path("replies.new"), folder_.path("replies.json"));
  }
  [[nodiscard]] std::vector<nlohmann::json> questions() const {
    std::vector<nlohmann::json> out;
    std::ifstream file(folder_.path("questions.jsonl"));
    for (std::string line; std::getline(file, line) && !file.eof();) out.push_back(nlohmann::json::parse(line));
    return out;
  }
  [[nodiscard]] std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return (certificate_ ? "https://" : "http://") + host + ":" + std::to_string(port_) + path;
  }

 private:
  wire::TemporaryFolder folder_;
  std::optional<wire::Certificate> certificate_;
  uint16_t port_;
  std::unique_ptr<wire::Process> process_;
};

/// A reply with status 200.
inline nlohmann::json reply_of(const nlohmann::json& body) {
  return {{"status", 200}, {"body", body.dump()}};
}

}  // namespace patchbay::auth_http
