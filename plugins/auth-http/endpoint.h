#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "settings.h"
#include "support/http_message.h"
#include "text_template.h"

namespace patchbay::auth_http {

/// Makes the requests of one endpoint. Constant once made. [any-thread]
class Endpoint {
 public:
  /// `settings` have been checked.
  Endpoint(const EndpointSettings& settings, bool authorization, std::shared_ptr<const support::HttpOptions> options);

  /// Nothing where a client's own value can't stand where a template puts it, such as a line end in a header: nobody
  /// may be asked a question that says something else.
  [[nodiscard]] std::optional<support::HttpRequest> request_for(const Subject& subject) const;

 private:
  enum class Form { query, json, form };
  using Named = std::vector<std::pair<std::string, TextTemplate>>;
  [[nodiscard]] std::string pairs(const Subject& subject) const;
  [[nodiscard]] std::optional<std::string> json(const Subject& subject) const;

  TextTemplate url_;
  Named headers_;
  Named body_;
  std::string authorization_;
  Form form_;
  std::shared_ptr<const support::HttpOptions> options_;
};

}  // namespace patchbay::auth_http
