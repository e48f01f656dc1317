#pragma once

#include <patchbay/directory.hpp>
#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/routes.hpp>
#include <patchbay/timers.hpp>
#include <patchbay/workers.hpp>

#include <mutex>
#include <string>

#include "explanation.h"
#include "rule_source.h"
#include "settings.h"
#include "support/snapshot.h"

namespace patchbay::acl_file {

/// Access control by a file of rules. Hooks evaluate the rules where they are called; everything else is the work of
/// workers and of the control thread.
class AclFile final : public plugin<AclFile, Settings> {
 public:
  using plugin::plugin;

  void check(const Settings& wanted, error_list& errors) const;
  /// Before start() wrong rules are taken for "deny everything", so that a mistake in a file never opens the broker;
  /// later they leave those in force that were. [control]
  status configure(const Settings& wanted);
  void start();
  void stop() { recheck_.cancel(); }
  [[nodiscard]] health_report health() const;

  verdict on_acl_publish(acl_request asked);
  verdict on_acl_subscribe(acl_request asked);

 private:
  verdict judge(const acl_request& asked, Action action);
  [[nodiscard]] static std::string_view result_of(const Settings& by, const Rule* rule);

  /// Reads the rules again, and takes them where they are good. What is wrong with them, or nothing.
  std::string reload();
  /// The same where the file has changed since it was read.
  void reload_changed();
  /// Puts rules into force, or notes why not.
  void take(LoadedRules loaded, const Settings& from);

  [[nodiscard]] reply explain(const request& asked) const;
  [[nodiscard]] reply list(const request& asked) const;
  reply reload_now();
  void set_recheck(std::chrono::milliseconds interval);

  workers workers_{host()};
  client_directory clients_{host()};
  alarms alarms_{host()};
  routes routes_{host()};
  counter allowed_{host(), "allowed", "Questions that a rule answered by allow."};
  counter denied_{host(), "denied", "Questions that a rule answered by deny."};
  counter unmatched_{host(), "unmatched", "Questions that no rule was about."};
  counter reloads_{host(), "reloads", "Times that rules were read and taken."};
  counter reload_failures_{host(), "reload_failures", "Times that rules were refused for a mistake in them."};
  gauge rule_count_{host(), "rules", "Rules in force."};

  support::Snapshot<RuleSet> rules_;
  mutable std::mutex mutex_;  // of what follows; held by workers and the control thread only
  std::string problem_;
  std::optional<support::FileStamp> stamp_;
  bool started_ = false;  // [control]
  timer recheck_;         // [control]
};

}  // namespace patchbay::acl_file
