#pragma once

#include <patchbay/metrics.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/routes.hpp>
#include <patchbay/timers.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "credential_cache.h"
#include "exchange_table.h"
#include "secret.h"
#include "settings.h"
#include "user_routes.h"
#include "user_store.h"

namespace patchbay::auth_file {

/// Who may log in by the users of a file: by password, or by SCRAM over AUTH packets. What is slow is done by workers,
/// and only so much of it at a time.
class AuthFile final : public plugin<AuthFile, Settings> {
 public:
  explicit AuthFile(patchbay::host of);

  void check(const Settings& wanted, error_list& errors) const;
  /// A wrong file before start() lets nobody in until it has been put right; later it leaves the users that there were.
  /// [control]
  status configure(const Settings& wanted);
  void start();
  void stop() { recheck_.cancel(); }
  [[nodiscard]] health_report health() const;

  task<verdict> on_authenticate(auth_request asked);
  verdict on_auth_enhanced(enhanced_request asked);

 private:
  /// What is a shard's own.
  struct ShardState {
    CredentialCache credentials;
    ExchangeTable exchanges;
  };

  [[nodiscard]] ShardState& shard_state() { return shards_[host().shard_index()]; }
  task<verdict> verify_slowly(std::string user_id, Secret password, std::string hash, bool known, bool superuser,
                              CredentialCache::Key key);
  [[nodiscard]] verdict let_in(std::string_view user_id, bool superuser) const;
  [[nodiscard]] verdict refuse() const;

  verdict begin_exchange(ScramHash hash, const enhanced_request& asked);
  verdict end_exchange(const enhanced_request& asked);

  /// Notes what became of reading the file.
  void note(const std::string& problem);
  void reload_changed();
  reply reload_now();
  void set_recheck(std::chrono::milliseconds interval);

  counter allowed_{host(), "allowed", "Log-ins that were allowed."};
  counter denied_{host(), "denied", "Log-ins that were denied."};
  counter cache_hits_{host(), "cache_hits", "Log-ins that were known to be right from a while ago."};
  counter busy_{host(), "busy", "Log-ins that were denied because too many waited for their hash."};
  counter reload_failures_{host(), "reload_failures", "Times that the user file was refused for a mistake in it."};
  gauge user_count_{host(), "users", "Users in the file."};
  alarms alarms_{host()};
  routes routes_{host()};
  UserStore store_{host()};
  UserRoutes user_routes_{store_, [this]() -> const Settings& { return settings(); }};
  std::string secret_;  // of this instance, for the keys of caches
  std::vector<ShardState> shards_;
  std::atomic<uint32_t> pending_verifications_{0};
  mutable std::mutex problem_mutex_;  // held by workers and the control thread only
  std::string problem_;
  bool started_ = false;  // [control]
  timer recheck_;         // [control]
};

}  // namespace patchbay::auth_file
