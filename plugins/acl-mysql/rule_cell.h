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
  /// Changes whenever what is kept for this client is cleaned.
  [[nodiscard]] std::uint64_t of(std::string_view client_id, std::string_view username) const {
    return all_.load(std::memory_order_acquire) + counter(clients_, client_id).load(std::memory_order_acquire) +
           counter(users_, username).load(std::memory_order_acquire);
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
  std::uint64_t epoch = 0;  ///< CacheEpochs::of() before the database was asked
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
