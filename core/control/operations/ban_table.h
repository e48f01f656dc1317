#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "operations/ban.h"
#include "operations/ban_pattern.h"

namespace patchbay::operations {

/// A ban as it is kept: shared by the list and the tables, with its expression compiled once.
struct KeptBan {
  Ban ban;
  std::shared_ptr<const BanPattern> pattern;  ///< of those kinds that have one

  [[nodiscard]] bool holds(uint64_t now_unix_s) const { return !ban.until_unix_s || now_unix_s < *ban.until_unix_s; }
};
using KeptBanRef = std::shared_ptr<const KeptBan>;

/// All bans of one moment, in the form in which connections are compared with them: constant. [any-thread]
class BanTable {
 public:
  explicit BanTable(std::vector<KeptBanRef> bans);

  /// Whether connections from there are closed at once.
  [[nodiscard]] bool bans_address(std::span<const uint8_t, 16> address, uint64_t now_unix_s) const;
  /// Whether a client of these names is refused. An empty name is nobody's.
  [[nodiscard]] bool bans_names(std::string_view client_id, std::string_view username, uint64_t now_unix_s) const;

  [[nodiscard]] bool has_addresses() const { return !addresses_.empty() || !networks_.empty(); }
  [[nodiscard]] bool has_names() const { return names_; }

 private:
  struct AddressHash {
    size_t operator()(const Address& address) const {
      return std::hash<std::string_view>{}({reinterpret_cast<const char*>(address.data()), address.size()});
    }
  };
  using ByName = std::unordered_map<std::string_view, const KeptBan*>;

  void sort_in(const KeptBan& kept);

  std::vector<KeptBanRef> bans_;  // keeps what the others point to
  ByName client_ids_;
  ByName usernames_;
  std::vector<const KeptBan*> client_id_patterns_;
  std::vector<const KeptBan*> username_patterns_;
  std::unordered_map<Address, const KeptBan*, AddressHash> addresses_;
  std::vector<std::pair<Network, const KeptBan*>> networks_;
  bool names_ = false;
};

}  // namespace patchbay::operations
