// Adds the time of receipt to messages, as a user property: a transform. The core passes by what the filters don't
// name.
#include <patchbay/plugin.hpp>

struct config {
  std::string property = "received_at";
  std::vector<std::string> topic_filters = {"#"};
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("property", property);
    f.optional("topic_filters", topic_filters);
  }
};

struct payload_timestamp final : patchbay::plugin<payload_timestamp, config> {
  using plugin::plugin;
  change on_publish_change(message m) {
    const std::string now = std::to_string(host().now_unix_ms());
    return answer().replace(patchbay::message_builder(m).user_property(settings().property, now).build());
  }
  void tune(patchbay::hook_options& o) { o.topic_filters = settings().topic_filters; }
};
PATCHBAY_PLUGIN(payload_timestamp)
