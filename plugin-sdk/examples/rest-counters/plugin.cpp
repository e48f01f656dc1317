// REST routes, a metric, and state that goes over to the next version in a hot upgrade.
#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/routes.hpp>

#include <map>

struct rest_counters final : patchbay::plugin<rest_counters> {
  using plugin::plugin;

  void start() {
    routes_.add("GET", "/counts", [this](const patchbay::request&) { return patchbay::reply::json(counts()); });
    routes_.add("POST", "/reset", [this](const patchbay::request& r) {
      const std::lock_guard lock(mutex_);
      counts_.clear();
      host().log_info("reset by ", r.user());
      return patchbay::reply::json("{}");
    });
  }
  // Batches come on a worker, so a lock hurts nobody.
  void on_publish_routed_batch(patchbay::routed_batch batch) {
    const std::lock_guard lock(mutex_);
    for (auto each : batch) {
      const std::string_view topic = each.topic();
      if (counts_.size() < 1000) ++counts_[std::string(topic.substr(0, topic.find('/')))];
    }
    messages_.add(batch.size());
  }

  // Hot upgrade: the next version reads what this one writes. The text carries a version of its own.
  status export_state(patchbay::writer out) { return out.write("1 " + counts()); }
  status import_state(bytes in) {
    if (!patchbay::as_text(in).starts_with("1 ")) return PATCHBAY_UNSUPPORTED;
    const auto root = patchbay::json::reader(patchbay::as_text(in).substr(2)).read();
    const std::lock_guard lock(mutex_);
    for (const auto& [name, count] : *root.as<patchbay::json::object>()) {
      if (const auto* number = count.as<std::int64_t>()) counts_[name] = *number;
    }
    return PATCHBAY_OK;
  }

 private:
  /// {"level": number, ...}
  std::string counts() {
    const std::lock_guard lock(mutex_);
    std::string out = "{";
    for (const auto& [name, count] : counts_) {
      out.append(out.size() == 1 ? "" : ", ")
          .append(patchbay::json::quoted(name))
          .append(": ")
          .append(std::to_string(count));
    }
    return out + "}";
  }
  patchbay::routes routes_{host()};
  patchbay::counter messages_{host(), "messages", "Messages that were counted."};
  std::mutex mutex_;
  std::map<std::string, std::int64_t> counts_;
};
PATCHBAY_PLUGIN(rest_counters)
