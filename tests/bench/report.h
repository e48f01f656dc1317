#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bench/histogram.h"
#include "bench/process_stats.h"

namespace patchbay::bench {

// One measured or given value. The key is the name in JSON and ends with the unit; the label is for people.
struct Figure {
  std::string key;
  std::string label;
  std::variant<std::uint64_t, double, std::string> value;
};

// What a run has found out, in the order in which it is told.
class Report {
 public:
  void add(std::string key, std::string label, std::uint64_t value);
  void add(std::string key, std::string label, double value);
  void add(std::string key, std::string label, std::string value);

  // p50, p99, p99.9 and maximum in us under keys that begin with `prefix`.
  void add_latency(const std::string& prefix, const std::string& label, const Histogram& histogram);
  // The broker's CPU time between two samples, per one of `count` events; nothing if a sample is invalid.
  void add_cpu(const ProcessSample& before, const ProcessSample& after, double count, const std::string& event);
  // Memory before and after, and the growth per one of `count` things.
  void add_memory(const ProcessSample& before, const ProcessSample& after, double count, const std::string& thing);

  void add_error(std::string text) { errors_.push_back(std::move(text)); }
  // The run ended before it was through; what was found out by then is told.
  void mark_partial(std::string_view why);
  bool failed() const { return !errors_.empty(); }

  const std::vector<Figure>& figures() const { return figures_; }
  std::string text() const;
  std::string json() const;

 private:
  void add_user_time(const UserTimeSample& before, const UserTimeSample& after, double count, const std::string& event);

  std::vector<Figure> figures_;
  std::vector<ThreadCpu> threads_;
  std::vector<std::string> errors_;
};

}  // namespace patchbay::bench
