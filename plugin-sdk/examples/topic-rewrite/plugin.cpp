// Old devices keep their topics. The core validates and authorises what a topic has become, so nobody gets further than
// he may.
#include <patchbay/plugin.hpp>

struct rule {
  std::string from, to;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("from", from);
    f.required("to", to);
  }
};

struct config {
  std::vector<rule> rules;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("rules", rules);
  }
  /// Empty: no rule is about it.
  std::string rewritten(std::string_view topic) const {
    for (const auto& each : rules) {
      if (topic.starts_with(each.from)) return each.to + std::string(topic.substr(each.from.size()));
    }
    return {};
  }
};

struct topic_rewrite final : patchbay::plugin<topic_rewrite, config> {
  using plugin::plugin;
  change on_publish_rewrite(patchbay::rewrite_request r) { return renamed(r.topic()); }
  change on_unsubscribe_rewrite(patchbay::event<patchbay_unsubscribe_rewrite_event> r) {
    return renamed(r.topic_filter());
  }
  change on_subscribe_rewrite(patchbay::subscribe_request r) {
    const std::string filter = settings().rewritten(r.topic_filter());
    if (filter.empty()) return {};
    return answer().subscriptions(
        {{0, r->qos, r->no_local, r->retain_as_published, r->retain_handling, patchbay::raw_text(filter)}});
  }

 private:
  change renamed(std::string_view topic) {
    const std::string other = settings().rewritten(topic);
    return other.empty() ? change() : change(answer().topic(other));
  }
};
PATCHBAY_PLUGIN(topic_rewrite)
