// A sink: one line for each routed message, appended to a file in batches. The batches come on a worker, so writing may
// block; a slow disk fills this plugin's own queue and nothing else.
#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>

#include <cstdio>

struct config {
  std::string path;
  std::vector<std::string> topic_filters = {"#"};
  template <typename Fields>
  void describe(Fields& f) {
    f.required("path", path);
    f.optional("topic_filters", topic_filters);
  }
};

struct batch_log final : patchbay::plugin<batch_log, config> {
  using plugin::plugin;

  void start() {
    file_.reset(std::fopen(settings().path.c_str(), "a"));
    if (!file_) host().log_warning("can't open ", settings().path, ", tried again with each batch");
    lines_ = patchbay::counter(host(), "lines", "Lines that were written.");
  }
  void on_publish_routed_batch(patchbay::routed_batch batch) {
    if (!file_) file_.reset(std::fopen(settings().path.c_str(), "a"));
    if (!file_) return failed_.store(true);
    std::string text;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const auto shown = batch[i].message();
      text.append(std::to_string(batch.at_unix_ms(i))).append(" ").append(batch[i].topic()).append(" ");
      text.append(shown.payload_text()).append("\n");
    }
    const bool written =
        std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size() && std::fflush(file_.get()) == 0;
    failed_ = !written;
    if (written) lines_.add(batch.size());
    if (!written) file_.reset();
  }
  void stop() { file_.reset(); }
  patchbay::health_report health() {
    using report = patchbay::health_report;
    return failed_ ? report::down("can't write " + settings().path) : report::healthy("writing " + settings().path);
  }
  void tune(patchbay::hook_options& o) {
    o.topic_filters = settings().topic_filters;
    o.batch_max = 1000;
    o.batch_wait = std::chrono::milliseconds(200);
  }

 private:
  struct closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, closer> file_;
  std::atomic<bool> failed_{false};
  patchbay::counter lines_;
};
PATCHBAY_PLUGIN(batch_log)
