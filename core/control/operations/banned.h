#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "operations/ban.h"
#include "operations/ban_table.h"
#include "operations/operations_environment.h"

namespace patchbay::operations {

/// Who must not connect: kept in `banned.json` of the data directory, refused before anything is asked about them, and
/// sent away when they are connected. Addresses are refused when the connection is accepted (conn.accept), names when
/// CONNECT has been read (auth.connect_rewrite, with 0x8A), and again when certificates and plugins have said what the
/// client is really called (session.open). While there are no bans, nothing of this is in any chain.
/// [control] but what shards call through the chains.
class Banned {
 public:
  static constexpr size_t kBansMax = 50'000;
  /// Expressions and networks are compared one after the other.
  static constexpr size_t kPatternsMax = 100;
  static constexpr size_t kNetworksMax = 1'000;
  /// Sessions that one turn of a shard looks through for those who are to be sent away.
  static constexpr size_t kSessionsPerTurn = 500;

  enum class Refusal : uint8_t { invalid, exists, full, not_kept };
  struct Problem {
    Refusal refusal = Refusal::invalid;
    std::string sentence;
  };

  explicit Banned(const OperationsEnvironment& environment);
  Banned(const Banned&) = delete;
  Banned& operator=(const Banned&) = delete;

  /// Reads what was kept and publishes it. The error is a sentence: a list of bans that cannot be read must not be
  /// taken for an empty one.
  [[nodiscard]] base::Result<bool, std::string> load();
  /// The value is the ban as it is kept.
  [[nodiscard]] base::Result<Ban, Problem> add(Ban ban);
  /// False where there is none.
  [[nodiscard]] bool remove(BanKind kind, const std::string& who);
  void clear();
  [[nodiscard]] std::vector<Ban> list() const;
  [[nodiscard]] size_t size() const;
  /// Connections and CONNECTs that were refused since the start. [any-thread]
  [[nodiscard]] uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  /// Takes out what has expired; about every second.
  void tick();

 private:
  struct View;
  using Key = std::pair<BanKind, std::string>;

  template <class Event>
  static base::Verdict refuse(void* self, Event& event, base::Token token) noexcept;
  [[nodiscard]] std::optional<Problem> room_for(const Ban& ban) const;
  void publish();
  void keep();
  void send_away(const Ban& ban, KeptBanRef kept);
  [[nodiscard]] std::vector<KeptBanRef> snapshot() const;

  const OperationsEnvironment& environment_;
  std::atomic<uint64_t> refused_{0};
  std::mutex publishing_;  ///< the latest list is published last
  mutable std::mutex mutex_;
  std::map<Key, KeptBanRef> bans_;  ///< guarded by mutex_
};

/// The file's text, and back. The error is a sentence.
[[nodiscard]] std::string bans_to_json(const std::vector<KeptBanRef>& bans);
[[nodiscard]] base::Result<std::vector<Ban>, std::string> bans_from_json(const std::string& text);

}  // namespace patchbay::operations
