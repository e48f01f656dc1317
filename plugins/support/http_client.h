#pragma once

#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "support/http_message.h"

namespace patchbay::support {

struct HttpExchange;

/// How many connections a client may have.
struct HttpLimits {
  size_t connections_per_host_max = 8;
  size_t connections_max = 64;
};

/// Requests over HTTP/1.1 and, where TLS and the server offer it, HTTP/2, by libcurl: connections are kept and used
/// again, certificates verified, redirects not followed, proxies of the environment not used. Somebody must call
/// run_once() again and again, from one thread at a time: that thread does all the work, and runs the callbacks. Hands
/// requests over from everywhere without waiting for it.
class HttpClient final : public HttpTransport {
 public:
  explicit HttpClient(const HttpLimits& limits = {});
  /// What is open is dropped; callbacks don't come.
  ~HttpClient() override;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  uint64_t send(HttpRequest request, Done done) override;
  void cancel(uint64_t request) override;

  /// Works, and waits at most so long for something to do. [the client's thread]
  void run_once(std::chrono::milliseconds patience);
  /// Ends the wait of run_once(). [any-thread]
  void wake();
  /// Requests that have not been answered. [any-thread]
  [[nodiscard]] size_t open() const;

 private:
  struct Waiting {
    uint64_t number;
    HttpRequest request;
    Done done;
  };
  void begin(Waiting waiting);
  /// True: there were some.
  bool take_new();
  bool finish_ended();
  void finish(void* easy, int result);
  /// One that has ended, or a new one.
  [[nodiscard]] std::unique_ptr<HttpExchange> spare_exchange();
  /// Keeps it for the next request.
  void keep(std::unique_ptr<HttpExchange> exchange);
  void drop_cancelled();

  void* multi_;
  std::map<void*, std::unique_ptr<HttpExchange>> exchanges_;  // by easy handle; the client's thread only
  std::vector<std::unique_ptr<HttpExchange>> spare_;          // that have ended; the client's thread only
  const size_t spare_max_;
  mutable std::mutex mutex_;  // guards what follows; held for moves only
  std::vector<Waiting> waiting_;
  std::set<uint64_t> cancelled_;
  size_t open_ = 0;
  uint64_t last_number_ = 0;
  std::thread::id thread_;  // the client's, since run_once() has been called
};

}  // namespace patchbay::support
