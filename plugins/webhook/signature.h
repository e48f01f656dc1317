#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::webhook {

/// The key of a secret as the operator wrote it: "whsec_" and base64 (as Standard Webhooks has it), or the text itself.
[[nodiscard]] std::string signing_key(const std::string& secret);
/// "v1,<base64>": HMAC-SHA-256 over "{id}.{unix seconds}.{body}", as the specification Standard Webhooks 1.0 has it,
/// for which there are ready verifiers in most languages. [any-thread]
[[nodiscard]] std::string signature_of(std::string_view key, std::string_view id, uint64_t unix_s,
                                       std::string_view body);

}  // namespace patchbay::webhook
