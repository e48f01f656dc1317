#pragma once

#include <poll.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wire/plugin_broker.h"
#include "wire/rest_client.h"
#include "wire/support/broker.h"
#include "wire/support/deadline.h"
#include "wire/support/process.h"

namespace patchbay::wire {

/// An operator on the host of a running broker with API: `patchbay ctl`, curl, and a REST client, each with the token
/// that the broker leaves in its data directory.
class PluginOperator {
 public:
  explicit PluginOperator(const PluginBroker& broker)
      : data_(broker.data()), access_(read_access()), rest_(port_of(access_.first)) {
    rest_.use_token(access_.second);
  }

  [[nodiscard]] Finished ctl(const std::vector<std::string>& words, const std::string& input = {}) const {
    std::vector<std::string> command{Broker::program(), "ctl", "--data", data_};
    command.insert(command.end(), words.begin(), words.end());
    return run(std::move(command), std::chrono::seconds(20), input);
  }
  /// What a plugin's own API says to `ctl plugins call`; throws where it refuses.
  [[nodiscard]] Json call(const std::string& instance, const std::string& method, const std::string& path,
                          const std::string& body = {}) const {
    std::vector<std::string> words{"plugins", "call", instance, method, path, "--json"};
    if (!body.empty()) words.insert(words.end(), {"--body", "-"});
    const Finished finished = ctl(words, body);
    if (finished.exit_code != 0) throw std::runtime_error(finished.output + finished.error);
    return finished.output.empty() ? Json() : Json::parse(finished.output);
  }
  /// Status and body of a request by curl.
  [[nodiscard]] std::pair<int, std::string> curl(std::vector<std::string> options, const std::string& path) const {
    std::vector<std::string> command{"curl",           "-s", "-w",
                                     "\n%{http_code}", "-H", "Authorization: Bearer " + access_.second};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(access_.first + "/api/v5" + path);
    const std::string output = run(std::move(command)).output;
    const size_t line = output.rfind('\n');
    return {std::stoi(output.substr(line + 1)), output.substr(0, line)};
  }
  [[nodiscard]] const RestClient& rest() const { return rest_; }
  /// "healthy", "degraded" or "down", and the text beside it.
  [[nodiscard]] std::pair<std::string, std::string> health(const std::string& instance) const {
    const Json told = rest_.get("/plugins/" + instance + "/health").at("health");
    return {told.at("status").get<std::string>(), told.at("message").get<std::string>()};
  }
  /// Waits until the health's text holds this: the host asks a plugin now and then.
  [[nodiscard]] bool health_tells(const std::string& instance, const std::string& text) const {
    const Deadline deadline(kPatience);
    while (!deadline.passed()) {
      if (health(instance).second.find(text) != std::string::npos) return true;
      ::poll(nullptr, 0, 20);
    }
    return false;
  }

 private:
  [[nodiscard]] std::pair<std::string, std::string> read_access() const {
    std::ifstream file(data_ + "/ctl-token");
    std::pair<std::string, std::string> read;
    std::getline(file, read.first);
    std::getline(file, read.second);
    return read;
  }
  static uint16_t port_of(const std::string& url) {
    return static_cast<uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  }

  std::string data_;
  std::pair<std::string, std::string> access_;
  RestClient rest_;
};

}  // namespace patchbay::wire
