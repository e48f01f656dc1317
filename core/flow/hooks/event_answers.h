#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/verdict.h"
#include "mqtt/application_message.h"
#include "mqtt/reason_code.h"

/// How events take answers in; for the events' own .cpp files.
namespace patchbay::hooks {

/// The reason that a denial names, or `otherwise` when it names none that means failure.
[[nodiscard]] mqtt::ReasonCode denial_reason(const base::Verdict& verdict, uint8_t otherwise);
/// The replacement that `verdict` brings into `text` and `view`; false when it brings none.
bool take_text(base::Verdict& verdict, std::unique_ptr<std::string>& text, std::string_view& view);
/// The message that `verdict` brings; false when it brings none.
bool take_message(base::Verdict& verdict, mqtt::MessageRef& message);

}  // namespace patchbay::hooks
