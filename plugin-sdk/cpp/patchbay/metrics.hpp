// SPDX-License-Identifier: Apache-2.0
// Metrics and alarms of an instance. Declare metrics in the constructor's members, configure() or start(): [control].
#pragma once

#include <initializer_list>
#include <utility>
#include <vector>

#include "patchbay/host.hpp"

namespace patchbay {

namespace detail {

class metric {
 protected:
  using labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  metric() = default;
  metric(host of, std::string_view name, std::uint32_t kind, std::string_view help, labels with)
      : host_(of.raw()), table_(of.get<patchbay_metrics>(PATCHBAY_METRICS_1)) {
    if (table_ == nullptr) return;
    std::vector<patchbay_pair> pairs;
    for (const auto& [label, value] : with) pairs.push_back({raw_text(label), raw_text(value)});
    require(table_->declare(host_, raw_text(name), kind, raw_text(help), pairs.data(), pairs.size(), &id_), name);
  }
  const patchbay_host* host_ = nullptr;
  const patchbay_metrics* table_ = nullptr;  // null: the host has no metrics, and nothing happens
  std::uint32_t id_ = 0;
};

}  // namespace detail

/// A number that grows. Throws at its declaration what the host refuses.
class counter : detail::metric {
 public:
  counter() = default;
  counter(host of, std::string_view name, std::string_view help, labels with = {})
      : metric(of, name, PATCHBAY_METRIC_COUNTER, help, with) {}
  /// [any-thread]
  void add(std::uint64_t amount = 1) const {
    if (table_ != nullptr) table_->add(host_, id_, amount);
  }
};

/// A number that goes up and down.
class gauge : detail::metric {
 public:
  gauge() = default;
  gauge(host of, std::string_view name, std::string_view help, labels with = {})
      : metric(of, name, PATCHBAY_METRIC_GAUGE, help, with) {}
  /// [any-thread]
  void set(std::int64_t value) const {
    if (table_ != nullptr) table_->set(host_, id_, value);
  }
};

/// Alarms for operators. [any-thread]; made on the control thread.
class alarms {
 public:
  explicit alarms(host of) : host_(of.raw()), table_(of.get<patchbay_alarm>(PATCHBAY_ALARM_1)) {}
  void raise(std::string_view name, std::string_view what) const {
    if (table_ != nullptr) table_->raise(host_, raw_text(name), raw_text(what));
  }
  void clear(std::string_view name) const {
    if (table_ != nullptr) table_->clear(host_, raw_text(name));
  }

 private:
  const patchbay_host* host_;
  const patchbay_alarm* table_;
};

}  // namespace patchbay
