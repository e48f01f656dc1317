#include "hooks/event_answers.h"

#include <utility>

#include "base/utf8.h"
#include "hooks/replacements.h"

namespace patchbay::hooks {

using base::Verdict;

mqtt::ReasonCode denial_reason(const Verdict& verdict, uint8_t otherwise) {
  const auto reason = static_cast<mqtt::ReasonCode>(verdict.reason);
  return mqtt::is_failure(reason) ? reason : static_cast<mqtt::ReasonCode>(otherwise);
}

bool is_encodable(std::string_view text) {
  return text.size() <= 0xFFFF && base::is_clean_utf8(text);
}

bool take_text(Verdict& verdict, std::unique_ptr<std::string>& text, std::string_view& view) {
  auto replacement = base::take_argument<ReplacementText>(verdict);
  if (replacement == nullptr || !is_encodable(replacement->text)) return false;
  // The old text may be what `view` shows and what the new one was made from, so it goes last.
  auto next = std::make_unique<std::string>(std::move(replacement->text));
  view = *next;
  text = std::move(next);
  return true;
}

bool take_message(Verdict& verdict, mqtt::MessageRef& message) {
  auto replacement = base::take_argument<ReplacementMessage>(verdict);
  if (replacement == nullptr || !replacement->message || !is_encodable(replacement->message->topic())) return false;
  message = std::move(replacement->message);
  return true;
}

}  // namespace patchbay::hooks
