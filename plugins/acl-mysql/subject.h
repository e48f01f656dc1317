#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <patchbay/patchbay.h>

#include "query_template.h"

namespace patchbay::acl_mysql {

/// What is asked.
struct Question {
  enum class Action : std::uint8_t { publish = 1, subscribe = 2 };
  Action action = Action::publish;
  std::uint8_t qos = 0;
  bool retain = false;
  std::string_view topic;  ///< or topic filter, without its $share prefix
};

/// Who asks: a copy of what placeholders may stand for, so that it can go to another thread and be compared later.
struct Subject {
  std::string client_id;
  std::string username;
  std::string certificate_common_name;
  std::string certificate_subject;
  std::string listener_id;
  std::string protocol_name;
  std::array<std::uint8_t, 16> peer_address{};
  std::vector<std::pair<std::string, std::string>> attributes;

  /// A copy of what the host shows. [shard]
  [[nodiscard]] static Subject of(const patchbay_host& host, const patchbay_client* shown);
  /// Whether `shown` is still the same in everything that is copied here; allocates nothing. [shard]
  [[nodiscard]] bool is(const patchbay_host& host, const patchbay_client* shown) const;

  /// "192.0.2.1" or "2001:db8::1".
  [[nodiscard]] std::string peer_host() const;
  [[nodiscard]] std::string_view attribute(std::string_view name) const;  ///< empty: there is none
};

/// The values of a query's parameters. What a client doesn't have is NULL, which equals nothing in SQL: a client
/// without user name gets no row whose user name is empty.
[[nodiscard]] std::vector<std::optional<std::string>> parameter_values(const QueryTemplate& query,
                                                                       const Subject& subject,
                                                                       const Question& question);

}  // namespace patchbay::acl_mysql
