#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "rule_set.h"

namespace patchbay::acl_mysql {

/// Says which kept rules are still good. Cleaning costs one addition whatever is kept: clients are counted by the hash
/// of their name, so that cleaning one makes the few that share its counter ask again as well. [any-thread]
class CacheEpochs {
 private:
  using Counters = std::array<std::atomic<std::uint64_t>, 4096>;
  template <typename Array>
  static auto& counter(Array& counters, std::string_view name) {
    return counters[std::hash<std::string_view>{}(name) % counters.size()];
  }

 public:
  /// What counts for one client, found once. Valid while the epochs live.
  class Watch {
   public:
    /// Changes whenever what is kept for this client is cleaned.
    [[nodiscard]] std::uint64_t now() const {
      return all_->load(std::memory_order_acquire) + client_->load(std::memory_order_acquire) +
             user_->load(std::memory_order_acquire);
    }

   private:
    friend class CacheEpochs;
    const std::atomic<std::uint64_t>* all_ = nullptr;
    const std::atomic<std::uint64_t>* client_ = nullptr;
    const std::atomic<std::uint64_t>* user_ = nullptr;
  };

  [[nodiscard]] Watch watch(std::string_view client_id, std::string_view username) const {
    Watch made;
    made.all_ = &all_;
    made.client_ = &counter(clients_, client_id);
    made.user_ = &counter(users_, username);
    return made;
  }
  void clean_all() { all_.fetch_add(1, std::memory_order_acq_rel); }
  void clean_client(std::string_view client_id) {
    counter(clients_, client_id).fetch_add(1, std::memory_order_acq_rel);
  }
  void clean_user(std::string_view username) { counter(users_, username).fetch_add(1, std::memory_order_acq_rel); }

 private:
  std::atomic<std::uint64_t> all_{0};
  Counters clients_{};
  Counters users_{};
};

/// Rules as they were read from the database, and until when they hold. Constant.
struct KeptRules {
  RuleSet rules;
  std::uint64_t expires_at_ms = 0;
  CacheEpochs::Watch watch;
  std::uint64_t epoch = 0;  ///< what `watch` said before the database was asked
};

/// The rules of one client. Its shard reads; whoever has asked the database puts new ones in: no lock on either side.
class RuleCell {
 public:
  RuleCell() = default;
  RuleCell(const RuleCell&) = delete;
  RuleCell& operator=(const RuleCell&) = delete;
  ~RuleCell() { delete incoming_.load(std::memory_order_acquire); }

  /// Null: none yet. Stays good until the next call. [shard]
  [[nodiscard]] const KeptRules* current() {
    if (incoming_.load(std::memory_order_relaxed) != nullptr) {
      current_.reset(incoming_.exchange(nullptr, std::memory_order_acquire));
    }
    return current_.get();
  }
  /// Replaces what was put and not taken yet. [any-thread]
  void put(std::unique_ptr<const KeptRules> fresh) {
    delete incoming_.exchange(fresh.release(), std::memory_order_acq_rel);
  }

 private:
  std::atomic<const KeptRules*> incoming_{nullptr};
  std::unique_ptr<const KeptRules> current_;
};

}  // namespace patchbay::acl_mysql
