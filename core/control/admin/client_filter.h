#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin/api_request.h"
#include "admin/route.h"
#include "base/result.h"
#include "session/session.h"

namespace patchbay::admin {

/// Which clients a list shows. All that is given must hold; of several values of one name, any. A value.
struct ClientFilter {
  std::vector<std::string> client_ids;
  std::vector<std::string> usernames;
  std::optional<std::string> ip_address;
  std::optional<bool> connected;
  std::optional<bool> clean_start;
  std::optional<uint8_t> protocol_version;
  std::optional<std::string> protocol_name;   ///< "MQTT", or that of a plugin's protocol
  std::optional<std::string> like_client_id;  ///< part of it
  std::optional<std::string> like_username;
  std::optional<uint64_t> created_from_ms, created_to_ms, connected_from_ms, connected_to_ms;
  bool nothing = false;  ///< what is asked for cannot be: another node

  [[nodiscard]] bool is_empty() const;
  /// [shard]
  [[nodiscard]] bool matches(const session::Session& session) const;
};

/// The error names the parameter.
[[nodiscard]] base::Result<ClientFilter, std::string> client_filter(const ApiRequest& request,
                                                                    const std::string& node_name);
[[nodiscard]] std::vector<QueryParameter> client_filter_parameters();

}  // namespace patchbay::admin
