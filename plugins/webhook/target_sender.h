#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "circuit_breaker.h"
#include "delivery.h"
#include "event_format.h"
#include "event_queue.h"
#include "support/http_message.h"

namespace patchbay::webhook {

/// Where requests go.
struct Route {
  std::string url;
  std::vector<std::string> headers;  ///< "Name: value"
};

/// The requests of one target: what they have in common.
struct RequestOptions {
  std::string url;
  std::string method = "POST";
  std::vector<std::string> headers;  ///< "Name: value"
  std::map<uint64_t, Route> routes;  ///< of events that don't go to `url` with `headers`, by QueuedEvent::route
  std::string signing_key;           ///< "": not signed
  bool single = true;                ///< one event for a request, not in an array
  EventFormat format;
  std::shared_ptr<const support::HttpOptions> http;
};

struct SenderOptions {
  size_t in_flight_max = 4;
  RetryOptions retry;
  BreakerOptions breaker;
};

/// Who wants to know what becomes of the events. [the sender's thread]
class SenderObserver {
 public:
  virtual ~SenderObserver() = default;
  virtual void sent(uint64_t events) = 0;
  virtual void request_failed() = 0;
  virtual void request_retried() = 0;
  /// The target is down, and why; or up again.
  virtual void down(const std::string& why) = 0;
  virtual void up() = 0;
};

/// Both of the host's clocks.
struct Now {
  uint64_t ms = 0;
  uint64_t unix_ms = 0;
};

/// Sends the events of one target's queue: a batch for each lane at a time, again until it has arrived, unless the
/// breaker is open. All calls, the transport's callbacks among them, come on one thread.
class TargetSender {
 public:
  /// From 0 to 1; for jitter.
  using Random = std::function<double()>;
  using Clock = std::function<Now()>;
  TargetSender(RequestOptions request, const SenderOptions& options, EventQueue& queue,
               support::HttpTransport& transport, SenderObserver& observer, Clock clock, Random random);
  ~TargetSender();
  TargetSender(const TargetSender&) = delete;
  TargetSender& operator=(const TargetSender&) = delete;

  /// Sends what is due.
  void pump();
  /// When pump() has something to do by itself; nothing: only after an event or a response.
  [[nodiscard]] std::optional<uint64_t> next_due_ms() const;
  /// Gives up what is under way, and puts everything on the disk where there is one.
  void stop();
  /// The time of the oldest event that has not arrived; 0: none waits.
  [[nodiscard]] uint64_t oldest_unix_ms() const;
  /// Events that were given up since the last call: too old, or refused for good.
  uint64_t take_expired() { return std::exchange(expired_, 0); }
  uint64_t take_rejected() { return std::exchange(rejected_, 0); }
  [[nodiscard]] bool up() const { return breaker_.closed(); }
  [[nodiscard]] const std::string& last_error() const { return last_error_; }
  [[nodiscard]] uint32_t last_status() const { return last_status_; }

  /// One request with these events, which have the same route. One that isn't known any more, because the settings have
  /// changed, is the target's own.
  [[nodiscard]] static support::HttpRequest request_of(const RequestOptions& options,
                                                       const std::vector<const QueuedEvent*>& events, uint64_t unix_ms);

 private:
  struct Slot {
    Batch batch;
    bool sending = false;
    uint64_t request = 0;
    uint32_t attempts = 0;
    uint64_t retry_at_ms = 0;
  };
  void serve(size_t slot, const Now& now);
  void drop_expired(Slot& slot, const Now& now);
  void send(size_t slot, const Now& now);
  void on_response(size_t slot, const support::HttpResponse& response);
  void on_failure(Slot& slot, const support::HttpResponse& response, const Now& now);
  void release(Slot& slot);
  void secure();

  RequestOptions request_;
  SenderOptions options_;
  EventQueue& queue_;
  support::HttpTransport& transport_;
  SenderObserver& observer_;
  Clock clock_;
  Random random_;
  CircuitBreaker breaker_;
  std::vector<Slot> slots_;
  uint64_t expired_ = 0;
  uint64_t rejected_ = 0;
  std::string last_error_;
  uint32_t last_status_ = 0;
};

}  // namespace patchbay::webhook
