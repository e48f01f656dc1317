#include "ctl/api_transport.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "admin/http_client.h"
#include "admin/secrets.h"
#include "admin/url_text.h"

namespace patchbay::ctl {

namespace {

constexpr const char* kPrefix = "/api/v5";

using Text = base::Result<std::string, std::string>;

Text file_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(path + ": " + std::strerror(errno));
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Line `number` of a text, from 0; the last one counts for those beyond.
std::string line_of(const std::string& text, size_t number) {
  std::stringstream lines(text);
  std::string line;
  std::string last;
  for (size_t at = 0; std::getline(lines, line); ++at) {
    if (!line.empty()) last = line;
    if (at == number) return line;
  }
  return last;
}

}  // namespace

std::string basic_authorization(const std::string& key_and_secret) {
  return "Basic " + admin::base64_encode(key_and_secret);
}

std::string target_of(const HttpCall& call) {
  std::string target = kPrefix + call.path;
  char before = '?';
  for (const auto& [name, value] : call.query) {
    target += before + admin::percent_encode(name) + "=" + admin::percent_encode(value);
    before = '&';
  }
  return target;
}

base::Result<ApiTransport, std::string> ApiTransport::make(const CtlLine& line) {
  ApiTransport transport;
  transport.url_ = line.url;
  transport.ca_file_ = line.ca_file;
  if (!line.api_key.empty()) {
    const Text key = file_text(line.api_key);
    if (!key) return base::fail(key.error());
    transport.authorization_ = basic_authorization(line_of(*key, 0));
  }
  const bool needs_token = transport.authorization_.empty();
  if (needs_token || line.url.empty()) {
    const bool named = !line.token_file.empty();
    const std::string path = named ? line.token_file : (std::filesystem::path(line.data_dir) / "ctl-token").string();
    const Text text = file_text(path);
    if (!text) {
      return base::fail(text.error() +
                        (named ? "" : "; is the broker running, with this data directory (--data), and as this user?"));
    }
    if (needs_token) transport.authorization_ = "Bearer " + line_of(*text, 1);
    if (line.url.empty()) transport.url_ = line_of(*text, 0);
  }
  return transport;
}

base::Result<HttpReply, std::string> ApiTransport::send(const HttpCall& call) {
  admin::HttpClientRequest request;
  request.method = call.method;
  request.url = url_;
  request.target = target_of(call);
  request.headers = {{"Authorization", authorization_}, {"Accept", "application/json"}};
  request.body = call.body;
  request.content_type = call.content_type;
  request.ca_file = ca_file_;
  if (!call.upload_file.empty()) {
    Text content = file_text(call.upload_file);
    if (!content) return base::fail(content.error());
    request.body = std::move(*content);
    request.upload_name = std::filesystem::path(call.upload_file).filename().string();
  }
  auto response = admin::send_http_request(request);
  if (!response) return base::fail(response.error());
  return HttpReply{response->status, std::move(response->content_type), std::move(response->body)};
}

}  // namespace patchbay::ctl
