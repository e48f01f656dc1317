#include "bench/report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

namespace patchbay::bench {
namespace {

constexpr std::size_t kLabelWidth = 42;
constexpr double kNanosecondsPerMicrosecond = 1000;

std::string as_text(const std::variant<std::uint64_t, double, std::string>& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<std::uint64_t>(&value)) return std::to_string(*number);
  char buffer[64];
  double real = std::get<double>(value);
  std::snprintf(buffer, sizeof(buffer), real < 100 ? "%.3f" : "%.0f", real);
  return buffer;
}

// What each thread used between the samples, busiest first.
std::vector<ThreadCpu> thread_differences(const ProcessSample& before, const ProcessSample& after) {
  std::vector<ThreadCpu> result;
  for (ThreadCpu thread : after.threads) {
    for (const ThreadCpu& earlier : before.threads) {
      if (earlier.thread_id != thread.thread_id) continue;
      thread.user_us -= earlier.user_us;
      thread.system_us -= earlier.system_us;
    }
    if (thread.user_us + thread.system_us > 0) result.push_back(std::move(thread));
  }
  std::sort(result.begin(), result.end(),
            [](const ThreadCpu& a, const ThreadCpu& b) { return a.user_us + a.system_us > b.user_us + b.system_us; });
  return result;
}

double growth(std::uint64_t before, std::uint64_t after, double count) {
  return (static_cast<double>(after) - static_cast<double>(before)) / count;
}

}  // namespace

void Report::add(std::string key, std::string label, std::uint64_t value) {
  figures_.push_back({std::move(key), std::move(label), value});
}

void Report::add(std::string key, std::string label, double value) {
  figures_.push_back({std::move(key), std::move(label), value});
}

void Report::add(std::string key, std::string label, std::string value) {
  figures_.push_back({std::move(key), std::move(label), std::move(value)});
}

void Report::add_latency(const std::string& prefix, const std::string& label, const Histogram& histogram) {
  if (histogram.count() == 0) return;
  auto add_one = [&](const char* key, const char* name, double ns) {
    add(prefix + key, label + name, ns / kNanosecondsPerMicrosecond);
  };
  add_one("_mean_us", ", mean (us)", histogram.mean());
  add_one("_p50_us", ", p50 (us)", static_cast<double>(histogram.value_at(0.5)));
  add_one("_p99_us", ", p99 (us)", static_cast<double>(histogram.value_at(0.99)));
  add_one("_p999_us", ", p99.9 (us)", static_cast<double>(histogram.value_at(0.999)));
  add_one("_max_us", ", maximum (us)", static_cast<double>(histogram.max()));
}

void Report::add_cpu(const ProcessSample& before, const ProcessSample& after, double count, const std::string& event) {
  if (!before.valid || !after.valid) return;
  double user = after.user_us - before.user_us;
  double system = after.system_us - before.system_us;
  add("broker_cpu_user_s", "broker CPU, user (s)", user / 1e6);
  add("broker_cpu_system_s", "broker CPU, system (s)", system / 1e6);
  if (count > 0) {
    add("broker_cpu_us_per_" + event, "broker CPU per " + event + " (us)", (user + system) / count);
    add("broker_cpu_user_us_per_" + event, "  of that user (us)", user / count);
    add("broker_cpu_system_us_per_" + event, "  of that system (us)", system / count);
    double run = after.run_us - before.run_us;
    if (run > 0) add("broker_run_us_per_" + event, "  by the scheduler's clock (us)", run / count);
    if (before.user_time && after.user_time) add_user_time(*before.user_time, *after.user_time, count, event);
  }
  threads_ = thread_differences(before, after);
}

void Report::add_user_time(const UserTimeSample& before, const UserTimeSample& after, double count,
                           const std::string& event) {
  add("broker_user_time_us_per_" + event, "  user by the stamp counter (us)", user_time_us(before, after) / count);
  add("broker_calls_per_" + event, "  calls noted", static_cast<double>(after.calls - before.calls) / count);
  add("broker_user_times_left_out", "  user times too long to be counted", after.left_out - before.left_out);
  if (after.threads_without_place > 0)
    add_error(std::to_string(after.threads_without_place) + " of the broker's threads are not in the user time");
}

void Report::add_memory(const ProcessSample& before, const ProcessSample& after, double count,
                        const std::string& thing) {
  if (!before.valid || !after.valid) return;
  add("broker_rss_before_bytes", "broker memory before, RSS (bytes)", before.rss_bytes);
  add("broker_rss_after_bytes", "broker memory after, RSS (bytes)", after.rss_bytes);
  if (after.pss_bytes > 0) {
    add("broker_pss_before_bytes", "broker memory before, PSS (bytes)", before.pss_bytes);
    add("broker_pss_after_bytes", "broker memory after, PSS (bytes)", after.pss_bytes);
  }
  if (count <= 0) return;
  add("broker_rss_bytes_per_" + thing, "RSS per " + thing + " (bytes)",
      growth(before.rss_bytes, after.rss_bytes, count));
  if (after.pss_bytes == 0) return;
  add("broker_pss_bytes_per_" + thing, "PSS per " + thing + " (bytes)",
      growth(before.pss_bytes, after.pss_bytes, count));
  add("broker_private_bytes_per_" + thing, "private memory per " + thing + " (bytes)",
      growth(before.private_bytes, after.private_bytes, count));
}

void Report::mark_partial(std::string_view why) {
  errors_.push_back("partial result: " + std::string(why));
}

std::string Report::text() const {
  std::string out;
  for (const Figure& figure : figures_) {
    std::string label = figure.label;
    label.resize(std::max(kLabelWidth, label.size() + 1), ' ');
    out += label + as_text(figure.value) + "\n";
  }
  for (const ThreadCpu& thread : threads_) {
    out += "  broker thread " + std::to_string(thread.thread_id) + " (" + thread.name + "): user " +
           as_text(thread.user_us / 1e6) + " s, system " + as_text(thread.system_us / 1e6) + " s\n";
  }
  for (const std::string& error : errors_) out += "ERROR " + error + "\n";
  return out;
}

std::string Report::json() const {
  nlohmann::ordered_json document;
  for (const Figure& figure : figures_) {
    std::visit([&](const auto& value) { document[figure.key] = value; }, figure.value);
  }
  document["broker_threads"] = nlohmann::ordered_json::array();
  for (const ThreadCpu& thread : threads_) {
    document["broker_threads"].push_back({{"thread_id", thread.thread_id},
                                          {"name", thread.name},
                                          {"user_us", thread.user_us},
                                          {"system_us", thread.system_us}});
  }
  document["errors"] = errors_;
  return document.dump(2) + "\n";
}

}  // namespace patchbay::bench
