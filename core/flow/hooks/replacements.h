#pragma once

#include <string>
#include <utility>

#include "base/verdict.h"
#include "mqtt/application_message.h"

namespace patchbay::hooks {

/// A text in place of another: the argument of Verdict::replaces_with() at points that rewrite topics and filters.
class ReplacementText final : public base::VerdictArgument {
 public:
  explicit ReplacementText(std::string value) : text(std::move(value)) {}
  std::string text;
};

/// A message in place of another: the argument of Verdict::replaces_with() at points that change messages.
class ReplacementMessage final : public base::VerdictArgument {
 public:
  explicit ReplacementMessage(mqtt::MessageRef value) : message(std::move(value)) {}
  mqtt::MessageRef message;
};

}  // namespace patchbay::hooks
