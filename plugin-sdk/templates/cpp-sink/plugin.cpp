// Gets routed messages in batches, on a worker: it may block here, and slows nobody but itself.
#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>

struct config {
  std::vector<std::string> topic_filters = {"#"};
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("topic_filters", topic_filters);
  }
};

struct PLUGIN_CLASS final : patchbay::plugin<PLUGIN_CLASS, config> {
  using plugin::plugin;

  void start() { bytes_ = patchbay::counter(host(), "written_bytes", "Payload bytes that were written."); }
  void on_publish_routed_batch(patchbay::routed_batch batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) bytes_.add(batch[i].message().payload().size());
  }
  void tune(patchbay::hook_options& o) {
    o.topic_filters = settings().topic_filters;
    o.batch_max = 500;
  }

 private:
  patchbay::counter bytes_;
};
PATCHBAY_PLUGIN(PLUGIN_CLASS)
