#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "intake.h"
#include "settings.h"
#include "target_sender.h"

namespace patchbay::webhook {

/// How a target is, at one moment.
struct TargetLevels {
  bool up = true;
  uint64_t lag_s = 0;  ///< age of the oldest event that has not arrived
  uint64_t buffer_bytes = 0;
  uint64_t buffered_events = 0;
  uint64_t spool_bytes = 0;
  uint32_t last_status = 0;
  std::string last_error;     ///< "": the last request went well
  std::string spool_trouble;  ///< "": the spool is open, or there is none
};

/// Who keeps the figures and alarms of a target. [the sender's thread], but dropped(): [any-thread]
class TargetObserver : public SenderObserver {
 public:
  virtual void dropped(DropReason reason, uint64_t events) = 0;
};

/// One target: which events it wants and how, and their way from the hooks to its server.
class Target {
 public:
  /// `settings` have been checked. Opens no file and no connection before work().
  Target(const Settings& all, const TargetSettings& settings, support::HttpTransport& transport,
         TargetObserver& observer, TargetSender::Clock clock, TargetSender::Random random);

  [[nodiscard]] const std::string& name() const { return settings_.name; }
  /// Renders the event behind `to`, where a rule of this target is about it. `text` is for the rendering. [any-thread]
  void render(const Event& event, TextBuffer& text, std::vector<Intake::Entry>& to) const;
  /// Takes over what was rendered. True: the sender doesn't look by itself, and must be woken. [any-thread]
  [[nodiscard]] bool take(std::vector<Intake::Entry>& entries);
  /// One request with this event, outside the queue: for the route that tests a target. `done` on the transport's
  /// thread.
  void send_test(const Event& event, support::HttpTransport::Done done);

  // --- the sender's thread
  void work();
  /// Milliseconds until work() has something to do by itself, at most so many.
  [[nodiscard]] uint64_t patience_ms(uint64_t at_most);
  /// No more events come: those that are kept back are taken over at once.
  void finish_intake();
  /// Gives up what is under way; what waits goes to the disk, where there is one.
  void stop();

  /// As it was at the end of the last work(). [any-thread]
  [[nodiscard]] TargetLevels levels() const;
  [[nodiscard]] const RequestOptions& request_options() const { return request_; }

 private:
  struct Rule {
    EventKind kind;
    std::vector<std::string> topics;
    std::optional<BodyTemplate> body;
    uint64_t route;
  };
  [[nodiscard]] const Rule* rule_for(const Event& event) const;
  [[nodiscard]] static uint64_t window_ms(const Settings& all, const TargetSettings& settings);
  void open_spool(const Now& now);
  void take_over(const Now& now);
  void report(const Now& now);

  TargetSettings settings_;
  std::string spool_folder_;  // "": none
  std::vector<Rule> rules_;
  RequestOptions request_;
  support::HttpTransport& transport_;
  TargetObserver& observer_;
  TargetSender::Clock clock_;
  Intake intake_;
  EventQueue queue_;
  TargetSender sender_;
  bool spool_open_ = false;
  bool spool_busy_ = false;
  uint64_t spool_retry_at_ms_ = 0;
  std::string spool_trouble_;
  mutable std::mutex mutex_;  // guards levels_; held for a copy
  TargetLevels levels_;
};

/// What settings mean for requests, queues and senders.
[[nodiscard]] uint64_t route_of(const EventSettings& event);  ///< see QueuedEvent
[[nodiscard]] RequestOptions request_options_of(const Settings& all, const TargetSettings& settings);
[[nodiscard]] QueueOptions queue_options_of(const TargetSettings& settings);
[[nodiscard]] SenderOptions sender_options_of(const TargetSettings& settings);

}  // namespace patchbay::webhook
