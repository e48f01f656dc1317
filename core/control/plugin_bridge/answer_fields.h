#pragma once

#include <memory>
#include <string>

#include "access/authenticate.h"
#include "base/result.h"
#include "hooks/events.h"
#include "patchbay/answers.h"

/// What plugins put into answers, in the core's types. The errors are sentences. [any-thread]
namespace patchbay::plugin_bridge {

/// Fills `into`; an empty text when all is well.
[[nodiscard]] std::string take_grant(const patchbay_grant& given, access::AuthenticationGrant& into);
[[nodiscard]] std::string take_connect(const patchbay_connect_fields& given, hooks::ConnectReplacement& into);
[[nodiscard]] std::string take_session(const patchbay_session_fields& given, hooks::SessionTerms& into);
[[nodiscard]] std::string take_subscriptions(const patchbay_subscription* given, size_t count,
                                             hooks::SubscribeReplacement& into);
[[nodiscard]] std::string take_reply(const patchbay_reply_fields& given, hooks::ReplyProperties& into);

}  // namespace patchbay::plugin_bridge
