#include "config/config_check.h"

#include <set>

#include "config/config_keys.h"
#include "config/key_lookup.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

class Rules {
 public:
  Rules(const LoadedConfig& loaded, std::vector<ConfigProblem>& problems) : loaded_(loaded), problems_(problems) {}

  void check() {
    check_node();
    check_limits();
    check_lists();
    const LogConfig& log = loaded_.config.log;
    if (log.to == LogTarget::file && log.file.empty()) add("log.file", "missing", "a file, since log.to is \"file\"");
    check_api();
  }

 private:
  void add(const std::string& key, std::string found, std::string allowed) {
    problems_.push_back({key, loaded_.where(key), std::move(found), std::move(allowed)});
  }

  // The name is a level of the $SYS topics.
  void check_node() {
    const std::string& name = loaded_.config.node.name;
    for (const char c : name) {
      const bool printable = static_cast<unsigned char>(c) > 0x20 && c != 0x7F;
      if (printable && c != '/' && c != '+' && c != '#') continue;
      return add("node.name", "found " + toml_string(name), "no /, +, #, blanks or control characters");
    }
  }

  void check_api() {
    const ApiConfig& api = loaded_.config.api;
    if (api.certfile.empty() == api.keyfile.empty()) return;
    const std::string missing = api.certfile.empty() ? "api.certfile" : "api.keyfile";
    add(missing, "missing", "a file, since the other of api.certfile and api.keyfile is given");
  }

  void check_limits() {
    const Config& config = loaded_.config;
    at_most("mqtt.max_connect_packet_size", config.mqtt.max_connect_packet_size_bytes, "mqtt.max_packet_size",
            config.mqtt.max_packet_size_bytes);
    at_most("mqtt.session_expiry_interval_s", config.mqtt.session_expiry_interval_s,
            "mqtt.max_session_expiry_interval_s", config.mqtt.max_session_expiry_interval_s);
    at_most("connection.write_high_water", config.connection.write_high_water_bytes, "connection.write_hard_limit",
            config.connection.write_hard_limit_bytes);
    if (config.mqtt.max_keepalive_s != 0) {
      at_most("mqtt.server_keepalive_s", config.mqtt.server_keepalive_s, "mqtt.max_keepalive_s",
              config.mqtt.max_keepalive_s);
    }
    for (size_t index = 0; index < config.auto_subscribe.size(); ++index) {
      at_most("auto_subscribe[" + std::to_string(index) + "].qos", config.auto_subscribe[index].qos,
              "mqtt.max_qos_allowed", config.mqtt.max_qos_allowed, "auto_subscribe");
    }
  }

  // A limit that another limit makes meaningless is a mistake somewhere. The given one of the two is shown.
  void at_most(const std::string& key, uint64_t value, const std::string& other, uint64_t limit,
               const std::string& given_as = {}) {
    if (value <= limit) return;
    const std::string& own = given_as.empty() ? key : given_as;
    const std::string& where = loaded_.is_given(own) || !loaded_.is_given(other) ? own : other;
    problems_.push_back({key, loaded_.where(where), "found " + std::to_string(value),
                         "at most " + other + ", which is " + std::to_string(limit)});
  }

  void check_lists() {
    std::set<std::string> groups;
    for (const SharedGroupConfig& group : loaded_.config.mqtt.shared_subscription_group) {
      const std::string key = "mqtt.shared_subscription_group";
      if (group.name.find_first_of("/+#") != std::string::npos)
        add(key, "found " + toml_string(group.name), "a name without /, + and #");
      if (!groups.insert(group.name).second) add(key, "found " + toml_string(group.name) + " twice", "each group once");
    }
    std::set<std::string> topics;
    for (const QueuePriorityConfig& entry : loaded_.config.mqtt.mqueue_priorities) {
      if (topics.insert(entry.topic).second) continue;
      add("mqtt.mqueue_priorities", "found " + toml_string(entry.topic) + " twice", "each topic once");
    }
  }

  const LoadedConfig& loaded_;
  std::vector<ConfigProblem>& problems_;
};

}  // namespace

void check_config(const LoadedConfig& loaded, const CheckContext& context, std::vector<ConfigProblem>& problems) {
  Rules(loaded, problems).check();
  check_listeners(loaded, context, problems);
  check_plugins(loaded, problems);
}

}  // namespace patchbay::config
