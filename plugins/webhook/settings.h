#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <patchbay/settings.hpp>

namespace patchbay::webhook {

/// The settings as the manifest's schema has them; README.md says what each means.
struct EventSettings {
  std::string event;
  std::vector<std::string> topics;
  std::string url;  ///< a path on the target's server, or a URL there; "": the target's
  std::map<std::string, std::string> headers;
  std::string body;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("event", event);
    f.optional("topics", topics);
    f.optional("url", url);
    f.optional("headers", headers);
    f.optional("body", body);
  }
};

struct BatchSettings {
  size_t max_events = 1;
  size_t max_bytes = 1U << 20;
  std::chrono::milliseconds max_wait{100};
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("max_events", max_events);
    f.optional("max_bytes", max_bytes);
    f.optional("max_wait", max_wait);
  }
};

struct RetrySettings {
  std::chrono::milliseconds initial{500};
  std::chrono::milliseconds maximum{60'000};
  std::chrono::milliseconds max_age{0};
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("initial", initial);
    f.optional("maximum", maximum);
    f.optional("max_age", max_age);
  }
};

struct BreakerSettings {
  uint32_t failures = 5;
  std::chrono::milliseconds open{1'000};
  std::chrono::milliseconds open_maximum{30'000};
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("failures", failures);
    f.optional("open", open);
    f.optional("open_maximum", open_maximum);
  }
};

struct TlsSettings {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string key_password;
  bool verify = true;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("ca_file", ca_file);
    f.optional("certificate_file", certificate_file);
    f.optional("key_file", key_file);
    f.optional("key_password", key_password);
    f.optional("verify", verify);
  }
};

struct TargetSettings {
  std::string name;
  std::string url;
  std::string method = "POST";
  std::map<std::string, std::string> headers;
  std::string authorization;
  std::string signing_secret;
  std::vector<EventSettings> events;
  std::string format = "emqx";
  std::string payload_encoding = "plain";
  bool escape_json = true;
  BatchSettings batch;
  std::string order = "client";
  size_t max_in_flight = 4;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds request_timeout{10'000};
  RetrySettings retry;
  BreakerSettings breaker;
  uint64_t buffer_bytes = 32ULL << 20;
  std::string spool = "overflow";
  uint64_t spool_bytes = 1ULL << 30;
  bool spool_sync = false;
  std::string overflow = "drop_oldest";
  TlsSettings tls;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("name", name);
    f.required("url", url);
    f.optional("method", method);
    f.optional("headers", headers);
    f.optional("authorization", authorization);
    f.optional("signing_secret", signing_secret);
    f.required("events", events);
    f.optional("format", format);
    f.optional("payload_encoding", payload_encoding);
    f.optional("escape_json", escape_json);
    f.optional("batch", batch);
    f.optional("order", order);
    f.optional("max_in_flight", max_in_flight);
    f.optional("connect_timeout", connect_timeout);
    f.optional("request_timeout", request_timeout);
    f.optional("retry", retry);
    f.optional("breaker", breaker);
    f.optional("buffer_bytes", buffer_bytes);
    f.optional("spool", spool);
    f.optional("spool_bytes", spool_bytes);
    f.optional("spool_sync", spool_sync);
    f.optional("overflow", overflow);
    f.optional("tls", tls);
  }
};

struct Settings {
  std::vector<TargetSettings> targets;
  std::string node = "patchbay";
  std::string spool_directory;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_networks;
  std::chrono::milliseconds order_window{60};
  template <typename Fields>
  void describe(Fields& f) {
    f.required("targets", targets);
    f.optional("node", node);
    f.optional("spool_directory", spool_directory);
    f.optional("allowed_hosts", allowed_hosts);
    f.optional("allowed_networks", allowed_networks);
    f.optional("order_window", order_window);
  }
};

/// The URL of an event's requests: its own where it has one. Nothing: that is no URL on the target's server.
[[nodiscard]] std::optional<std::string> url_of_event(const TargetSettings& target, const EventSettings& event);

/// What the schema can't say: names twice, URLs that the fence forbids, templates, filters. Adds an error for each,
/// with the JSON pointer of the setting.
void check_settings(const Settings& settings, patchbay::error_list& errors);

}  // namespace patchbay::webhook
