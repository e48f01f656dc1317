#pragma once

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "wire/plugin_broker.h"

namespace patchbay::webhook {

/// The real broker with the plugin's file, one target that is impatient, and the REST API.
struct WebhookBroker : wire::PluginBroker {
  /// `more`: settings of the target; `events`: a TOML list; `instance`: settings of the instance.
  explicit WebhookBroker(const std::string& url, const std::string& events, const std::string& more = {},
                         const std::string& instance = {})
      : PluginBroker({}, "127.0.0.1:0") {
    configure("enabled = [\"webhook\"]\n[plugin.webhook]\nsoak_s = 0\n[plugin.webhook.settings]\nspool_directory = \"" +
              folder().path("spool") + "\"\n" + instance +
              "[[plugin.webhook.settings.targets]]\nname = \"t\"\nurl = \"" + url + "\"\nevents = " + events +
              "\nretry = { initial = \"50ms\", maximum = \"200ms\" }\nbreaker = { failures = " +
              "2, open = \"100ms\", open_maximum = \"300ms\" }\nrequest_timeout = \"500ms\"\n" + more);
    put("webhook", "webhook.so");
    start();
  }
  /// What `patchbay ctl` says, which asks the REST API.
  [[nodiscard]] wire::Finished ctl(std::vector<std::string> words) const {
    std::vector<std::string> command{wire::Broker::program(), "ctl", "--data", data()};
    command.insert(command.end(), words.begin(), words.end());
    return wire::run(command, std::chrono::seconds(40));
  }
  /// The status of a request to the API.
  [[nodiscard]] std::string status_of(const std::string& path) const {
    std::ifstream file(data() + "/ctl-token");
    std::string url;
    std::string token;
    std::getline(file, url);
    std::getline(file, token);
    return wire::run({"curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", "Authorization: Bearer " + token,
                      url + "/api/v5" + path})
        .output;
  }
};

}  // namespace patchbay::webhook
