#include "jwks_download.h"

#include <curl/curl.h>

#include <memory>

namespace patchbay::auth_jwt {

namespace {

/// libcurl counts its users, so each download may begin and end it; nothing of it is left when the plugin goes.
class CurlLibrary {
 public:
  CurlLibrary() : ready_(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) {}
  CurlLibrary(const CurlLibrary&) = delete;
  CurlLibrary& operator=(const CurlLibrary&) = delete;
  ~CurlLibrary() {
    if (ready_) curl_global_cleanup();
  }

 private:
  bool ready_;
};

struct Release {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Transfer = std::unique_ptr<CURL, Release>;
using HeaderLines = std::unique_ptr<curl_slist, Release>;

struct Body {
  std::string text;
  size_t max_bytes;
  bool too_large = false;
};

size_t take(char* data, size_t size, size_t count, void* self) {
  auto& body = *static_cast<Body*>(self);
  const size_t bytes = size * count;
  body.too_large = bytes > body.max_bytes - body.text.size();
  if (body.too_large) return 0;  // ends the transfer
  body.text.append(data, bytes);
  return bytes;
}

int go_on(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::atomic<bool>*>(self)->load() ? 1 : 0;
}

HeaderLines header_lines(const JwksLocation& from) {
  curl_slist* lines = curl_slist_append(nullptr, "Accept: application/jwk-set+json, application/json");
  for (const auto& [name, value] : from.headers) {
    curl_slist* more = curl_slist_append(lines, (name + ": " + value).c_str());
    if (more != nullptr) lines = more;
  }
  return HeaderLines(lines);
}

/// What keeps the transfer to the one server that was named, and to what was agreed on.
void set_safety(CURL* transfer, const JwksLocation& from) {
  curl_easy_setopt(transfer, CURLOPT_PROTOCOLS_STR, "https");
  curl_easy_setopt(transfer, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(transfer, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(transfer, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(transfer, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!from.ca_file.empty()) {
    curl_easy_setopt(transfer, CURLOPT_CAINFO, from.ca_file.c_str());
    curl_easy_setopt(transfer, CURLOPT_CAPATH, nullptr);  // this authority, and not the system's besides
  }
  curl_easy_setopt(transfer, CURLOPT_TIMEOUT_MS, static_cast<long>(from.timeout.count()));
  curl_easy_setopt(transfer, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(from.timeout.count()));
  curl_easy_setopt(transfer, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(transfer, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(transfer, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
}

std::string problem_of(CURLcode code, const char* detail, const Body& body) {
  if (body.too_large) return "the answer is longer than " + std::to_string(body.max_bytes) + " bytes";
  return detail[0] != '\0' ? detail : curl_easy_strerror(code);
}

}  // namespace

KeySource::Fetched download_jwks(const JwksLocation& from, const std::atomic<bool>& stop) {
  const CurlLibrary library;
  const Transfer transfer(curl_easy_init());
  const HeaderLines headers = header_lines(from);
  if (!transfer || !headers) return {false, "libcurl can't be used"};
  Body body{{}, from.max_bytes};
  char detail[CURL_ERROR_SIZE] = {};
  set_safety(transfer.get(), from);
  curl_easy_setopt(transfer.get(), CURLOPT_URL, from.url.c_str());
  curl_easy_setopt(transfer.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(transfer.get(), CURLOPT_ERRORBUFFER, detail);
  curl_easy_setopt(transfer.get(), CURLOPT_WRITEFUNCTION, &take);
  curl_easy_setopt(transfer.get(), CURLOPT_WRITEDATA, &body);
  curl_easy_setopt(transfer.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(transfer.get(), CURLOPT_XFERINFOFUNCTION, &go_on);
  curl_easy_setopt(transfer.get(), CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop));
  const CURLcode code = curl_easy_perform(transfer.get());
  if (code != CURLE_OK) return {false, problem_of(code, detail, body)};
  long status = 0;
  curl_easy_getinfo(transfer.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return {false, "the server answers with status " + std::to_string(status)};
  return {true, std::move(body.text)};
}

bool is_https_url(const std::string& url, std::string& problem) {
  const std::unique_ptr<CURLU, Release> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    problem = "is no URL";
    return false;
  }
  const auto part = [&parsed](CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(parsed.get(), which, &text, 0) != CURLUE_OK) return std::string();
    std::string out(text);
    curl_free(text);
    return out;
  };
  if (part(CURLUPART_SCHEME) != "https") {
    problem = "must begin with https://: whoever can change a key set on its way can log in as anybody";
  } else if (!part(CURLUPART_USER).empty() || !part(CURLUPART_PASSWORD).empty()) {
    problem = "must have no user or password in it; use headers, which are kept secret";
  }
  return problem.empty();
}

}  // namespace patchbay::auth_jwt
