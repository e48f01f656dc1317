#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access/authenticate.h"

namespace patchbay::access {

/// One step further: the argument of Verdict::replaces_with() at auth.enhanced, to be sent in an AUTH packet with
/// reason 0x18.
class AuthenticationData final : public base::VerdictArgument {
 public:
  std::vector<uint8_t> data;
};

/// Allowed, with last data for CONNACK (or AUTH with reason 0x00): the argument of Verdict::allows_with().
class EnhancedGrant final : public base::VerdictArgument {
 public:
  AuthenticationGrant grant;
  std::vector<uint8_t> data;
};

enum class EnhancedOutcome : uint8_t { proceed_with_data, allowed, denied };

struct EnhancedResult {
  EnhancedOutcome outcome = EnhancedOutcome::denied;
  std::vector<uint8_t> data;          ///< authentication data to send
  AuthenticateResult authentication;  ///< meaningful when allowed or denied
};

/// One step of an exchange by AUTH packets. Entries that don't know `method` proceed; the one that does answers: allow
/// (EnhancedGrant), deny(reason) or replace (AuthenticationData: the exchange goes on).
struct EnhancedAuthenticationEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::deny;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  ClientInfoRef client;
  CredentialsRef credentials;
  std::string_view authentication_method;
  std::span<const uint8_t> authentication_data;
  uint32_t step = 0;  ///< 0: the data of CONNECT, or of the AUTH that re-authenticates
  bool re_authentication = false;
  uint64_t exchange_id = 0;  ///< the same for all steps of one exchange, unique on this node
  EnhancedResult result;
  bool decided = false;
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own();

 private:
  std::unique_ptr<std::string> owned_;  // method, then data, while the run waits
};

}  // namespace patchbay::access
