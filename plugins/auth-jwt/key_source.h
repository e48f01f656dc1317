#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "key_set.h"
#include "refresh_schedule.h"

namespace patchbay::auth_jwt {

/// Who waits for keys that are being fetched.
struct WaitingLogin {
  uint64_t token_id = 0;  ///< of the host's question
  std::string client_id;
  std::string username;
  std::string token;      ///< wiped when it goes
  bool enhanced = false;  ///< asked by auth.enhanced

  WaitingLogin() = default;
  WaitingLogin(WaitingLogin&&) noexcept = default;
  WaitingLogin& operator=(WaitingLogin&&) noexcept = default;
  ~WaitingLogin();
};

/// Keys that come from somewhere and come again: a URL, a file. Shards read what is there and never wait for more; the
/// last good set stays in force until the next good one.
class KeySource {
 public:
  /// Beyond, logins that need a fetch are refused at once.
  static constexpr size_t kMaximumWaiting = 1'000;

  struct Fetched {
    bool good = false;
    std::string text;  ///< the document, or why there is none
  };
  struct Parts {
    /// Blocks, with a limit of its own; returns soon after `stop` has become true. [worker]
    std::function<Fetched(const std::atomic<bool>& stop)> fetch;
    std::function<ReadKeys(std::string_view)> read;
    /// Runs a function on a worker; false: not now.
    std::function<bool(std::function<void()>)> run_on_worker;
    std::function<uint64_t()> now_ms;
    /// The keys that those who waited now have; null: none. [worker]
    std::function<void(std::vector<WaitingLogin>)> answer;
    /// After each fetch. `problem` is empty when it was good. [worker]
    std::function<void(const std::string& problem, size_t key_count)> tell;
  };

  KeySource(Parts parts, const RefreshSchedule::Terms& terms, uint64_t seed);

  /// The keys in force; null: there were none yet. [any-thread]
  [[nodiscard]] std::shared_ptr<const KeySet> keys() const;
  /// Begins a fetch when one is due. Never waits. [any-thread]
  void tick();
  /// A login that the keys in force can't decide. True: it waits for a fetch, and will come out of `answer`; `login`
  /// has been moved from. False: nothing will bring other keys now. [shard]
  [[nodiscard]] bool wait_for_keys(WaitingLogin& login);
  /// The host's question is void. [any-thread]
  void forget(uint64_t token_id);
  /// Ends a fetch that runs, begins no more; who waits is answered. [control]
  void stop();

  struct State {
    size_t keys = 0;
    uint32_t failures = 0;           ///< in a row
    std::optional<uint64_t> age_ms;  ///< of the keys in force
    size_t waiting = 0;
    std::string problem;  ///< of the last fetch
  };
  [[nodiscard]] State state() const;  // [any-thread]

 private:
  [[nodiscard]] bool begin_locked();
  /// `asked_by`: the host's question within whose hook this runs; 0: none.
  [[nodiscard]] bool start_fetch(uint64_t asked_by);
  void fetch_now();
  void take_over(ReadKeys read);

  Parts parts_;
  std::atomic<bool> stop_{false};
  mutable std::mutex mutex_;  // held for moments: for the fields below, never while something is fetched or checked
  RefreshSchedule schedule_;
  std::shared_ptr<const KeySet> keys_;
  std::optional<uint64_t> good_at_ms_;
  std::vector<WaitingLogin> waiting_;
  std::string problem_;
  bool fetching_ = false;
};

}  // namespace patchbay::auth_jwt
