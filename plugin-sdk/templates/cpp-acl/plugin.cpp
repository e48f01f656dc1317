// devices/<client id>/... belongs to the client of that id; about all else this plugin has no opinion.
#include <patchbay/plugin.hpp>

struct config {
  std::string prefix = "devices/";
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("prefix", prefix);
  }
};

struct PLUGIN_CLASS final : patchbay::plugin<PLUGIN_CLASS, config> {
  using plugin::plugin;

  verdict on_acl_publish(acl_request a) { return judge(a); }
  verdict on_acl_subscribe(acl_request a) { return judge(a); }

 private:
  verdict judge(acl_request a) const {
    std::string_view topic = a.topic();
    if (!topic.starts_with(settings().prefix)) return verdict::cont();
    topic.remove_prefix(settings().prefix.size());
    const std::string_view owner = topic.substr(0, topic.find('/'));
    return owner == a.client().id() ? verdict::allow() : verdict::deny();
  }
};
PATCHBAY_PLUGIN(PLUGIN_CLASS)
