// SPDX-License-Identifier: Apache-2.0
// Settings, secrets, key-value store, metrics and alarms of the fake host.
#pragma once

#include "patchbay/testing/core.hpp"

namespace patchbay::testing {

class storage : public part<storage> {
 public:
  explicit storage(core& shared) : part(shared) {
    settings_.size = sizeof settings_;
    settings_.current = [](const patchbay_host* h, patchbay_writer* out) {
      return out->write(out, of(h).settings.data(), of(h).settings.size());
    };
    settings_.version = [](const patchbay_host* h) { return of(h).settings_version; };
    secret_.size = sizeof secret_;
    secret_.resolve = [](const patchbay_host* h, patchbay_str reference, patchbay_secret_fn fn, void* self) {
      return of(h).resolve(reference, fn, self);
    };
    kv_.size = sizeof kv_;
    kv_.get = [](const patchbay_host* h, patchbay_str key, patchbay_writer* out) { return of(h).get(key, out); };
    kv_.put = [](const patchbay_host* h, patchbay_str key, patchbay_bytes value) { return of(h).put(key, value); };
    kv_.remove = [](const patchbay_host* h, patchbay_str key) { return of(h).remove(key); };
    kv_.scan = [](const patchbay_host* h, patchbay_str prefix, std::uint32_t (*fn)(void*, patchbay_str, patchbay_bytes),
                  void* self) { return of(h).scan(prefix, fn, self); };
    metrics_.size = sizeof metrics_;
    metrics_.declare = [](const patchbay_host* h, patchbay_str name, std::uint32_t kind, patchbay_str,
                          const patchbay_pair* labels, std::size_t count,
                          std::uint32_t* out) { return of(h).declare(name, kind, labels, count, out); };
    metrics_.add = [](const patchbay_host* h, std::uint32_t id, std::uint64_t amount) {
      of(h).change(id, [&](auto& v) { v += static_cast<std::int64_t>(amount); });
    };
    metrics_.set = [](const patchbay_host* h, std::uint32_t id, std::int64_t value) {
      of(h).change(id, [&](auto& v) { v = value; });
    };
    alarm_.size = sizeof alarm_;
    alarm_.raise = [](const patchbay_host* h, patchbay_str name, patchbay_str what) {
      const std::lock_guard lock(core_of(h).mutex);
      of(h).alarms[std::string(text(name))] = text(what);
      return core_of(h).enter("alarm.raise", false);
    };
    alarm_.clear = [](const patchbay_host* h, patchbay_str name) {
      const std::lock_guard lock(core_of(h).mutex);
      return of(h).alarms.erase(std::string(text(name))) != 0 ? patchbay_status{PATCHBAY_OK}
                                                              : patchbay_status{PATCHBAY_NOT_FOUND};
    };
    shared.interfaces[PATCHBAY_SETTINGS_1] = &settings_;
    shared.interfaces[PATCHBAY_SECRET_1] = &secret_;
    shared.interfaces[PATCHBAY_KV_1] = &kv_;
    shared.interfaces[PATCHBAY_METRICS_1] = &metrics_;
    shared.interfaces[PATCHBAY_ALARM_1] = &alarm_;
  }

  std::string settings = "{}";
  std::uint64_t settings_version = 0;
  std::map<std::string, std::string> secrets;  ///< reference -> value
  std::map<std::string, std::string> kv;
  std::map<std::string, std::string> alarms;
  /// A new instance declares its metrics anew.
  void forget_metrics() { metrics_values_.clear(); }
  /// The value of a metric, by `name` or `name{label="value"}`; 0 where there is none.
  std::int64_t metric(const std::string& name) {
    const std::lock_guard lock(core_.mutex);
    for (const auto& each : metrics_values_) {
      if (each.name == name) return each.value;
    }
    return 0;
  }

 private:
  struct metric_value {
    std::string name;
    std::int64_t value;
  };
  static constexpr std::uint32_t blocking = 1u << PATCHBAY_THREAD_CONTROL | 1u << PATCHBAY_THREAD_WORKER;

  patchbay_status resolve(patchbay_str reference, patchbay_secret_fn fn, void* self) {
    if (!core_.on_thread(blocking, "secret.resolve")) return PATCHBAY_WRONG_THREAD;
    if (const auto failed = core_.enter("secret.resolve"); failed != PATCHBAY_OK) return failed;
    const auto found = secrets.find(std::string(text(reference)));
    if (found == secrets.end()) return PATCHBAY_NOT_FOUND;
    std::string shown = found->second;
    fn(self, raw_bytes(shown));
    std::fill(shown.begin(), shown.end(), '\0');
    return PATCHBAY_OK;
  }
  patchbay_status enter_kv(const char* function) {
    if (!core_.on_thread(blocking, function)) return PATCHBAY_WRONG_THREAD;
    return core_.enter(function);
  }
  patchbay_status get(patchbay_str key, patchbay_writer* out) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = enter_kv("kv.get"); failed != PATCHBAY_OK) return failed;
    const auto found = kv.find(std::string(text(key)));
    return found == kv.end() ? PATCHBAY_NOT_FOUND : out->write(out, found->second.data(), found->second.size());
  }
  patchbay_status put(patchbay_str key, patchbay_bytes value) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = enter_kv("kv.put"); failed != PATCHBAY_OK) return failed;
    if (key.len > PATCHBAY_KV_MAXIMUM_KEY || value.len > PATCHBAY_KV_MAXIMUM_VALUE) return PATCHBAY_TOO_LARGE;
    kv[std::string(text(key))] = text(value);
    return PATCHBAY_OK;
  }
  patchbay_status remove(patchbay_str key) {
    const std::lock_guard lock(core_.mutex);
    if (const auto failed = enter_kv("kv.remove"); failed != PATCHBAY_OK) return failed;
    return kv.erase(std::string(text(key))) != 0 ? PATCHBAY_OK : PATCHBAY_NOT_FOUND;
  }
  patchbay_status scan(patchbay_str prefix, std::uint32_t (*fn)(void*, patchbay_str, patchbay_bytes), void* self) {
    if (const auto failed = enter_kv("kv.scan"); failed != PATCHBAY_OK) return failed;
    for (const auto& [key, value] : kv) {
      if (key.starts_with(text(prefix)) && fn(self, str(key), raw_bytes(value)) != 0) break;
    }
    return PATCHBAY_OK;
  }
  patchbay_status declare(patchbay_str name, std::uint32_t, const patchbay_pair* labels, std::size_t count,
                          std::uint32_t* out) {
    const std::lock_guard lock(core_.mutex);
    if (!core_.on_thread(1u << PATCHBAY_THREAD_CONTROL, "metrics.declare")) return PATCHBAY_WRONG_THREAD;
    if (const auto failed = core_.enter("metrics.declare"); failed != PATCHBAY_OK) return failed;
    std::string full(text(name));
    for (std::size_t i = 0; i < count; ++i) {
      full.append(i == 0 ? "{" : ",")
          .append(text(labels[i].name))
          .append("=\"")
          .append(text(labels[i].value))
          .append("\"");
    }
    if (count != 0) full.append("}");
    for (const auto& each : metrics_values_) {
      if (each.name == full) return PATCHBAY_EXISTS;
    }
    *out = static_cast<std::uint32_t>(metrics_values_.size());
    metrics_values_.push_back({full, 0});
    return PATCHBAY_OK;
  }
  template <typename Change>
  void change(std::uint32_t id, Change change) {
    const std::lock_guard lock(core_.mutex);
    if (id >= metrics_values_.size()) return core_.violation("metrics: no such metric");
    change(metrics_values_[id].value);
  }
  patchbay_settings settings_{};
  patchbay_secret secret_{};
  patchbay_kv kv_{};
  patchbay_metrics metrics_{};
  patchbay_alarm alarm_{};
  std::vector<metric_value> metrics_values_;
};

}  // namespace patchbay::testing
