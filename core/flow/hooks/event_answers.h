#pragma once

#include <cstdint>
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
/// Whether `verdict` owns an argument of this very type.
template <class T>
[[nodiscard]] bool carries(const base::Verdict& verdict) {
  if (!verdict.has(base::Verdict::owns_argument)) return false;
  const auto* argument = reinterpret_cast<const base::VerdictArgument*>(static_cast<uintptr_t>(verdict.argument));
  return dynamic_cast<const T*>(argument) != nullptr;
}
/// Whether a packet can carry `text` as a string: UTF-8 without NUL, below 64 KiB.
[[nodiscard]] bool is_encodable(std::string_view text);
/// The replacement that `verdict` brings into `text` and `view`; false when it brings none.
bool take_text(base::Verdict& verdict, std::unique_ptr<std::string>& text, std::string_view& view);
/// The message that `verdict` brings; false when it brings none.
bool take_message(base::Verdict& verdict, mqtt::MessageRef& message);

}  // namespace patchbay::hooks
