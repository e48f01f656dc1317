#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <patchbay/settings.hpp>

#include "text_template.h"

namespace patchbay::auth_http {

/// One endpoint: where to ask, and what to send. README.md says what each setting means.
struct EndpointSettings {
  std::string url;  ///< "": nobody is asked
  std::string method = "post";
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string> body;
  std::string authorization;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("url", url);
    f.optional("method", method);
    f.optional("headers", headers);
    f.optional("body", body);
    f.optional("authorization", authorization);
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

struct Settings {
  EndpointSettings authentication;
  EndpointSettings authorization;
  std::chrono::milliseconds connect_timeout{2'000};
  std::chrono::milliseconds request_timeout{4'000};
  size_t pool_size = 8;
  size_t max_pending = 1'000;
  size_t max_response_bytes = 65'536;
  std::vector<std::string> allowed_hosts;
  std::vector<std::string> allowed_networks;
  TlsSettings tls;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("authentication", authentication);
    f.optional("authorization", authorization);
    f.optional("connect_timeout", connect_timeout);
    f.optional("request_timeout", request_timeout);
    f.optional("pool_size", pool_size);
    f.optional("max_pending", max_pending);
    f.optional("max_response_bytes", max_response_bytes);
    f.optional("allowed_hosts", allowed_hosts);
    f.optional("allowed_networks", allowed_networks);
    f.optional("tls", tls);
  }
};

/// What the schema can't say. Adds an error for each, with the JSON pointer of the setting.
void check_settings(const Settings& settings, patchbay::error_list& errors);

}  // namespace patchbay::auth_http
