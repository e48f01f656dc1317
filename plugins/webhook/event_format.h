#pragma once

#include <optional>
#include <string>
#include <vector>

#include "body_template.h"
#include "event.h"
#include "payload_encoding.h"
#include "text_buffer.h"

namespace patchbay::webhook {

enum class FormatStyle : uint8_t {
  emqx,         ///< the JSON of EMQX's web_hook, with `event_id` added
  cloudevents,  ///< CloudEvents 1.0, JSON format; `data` is EMQX's JSON
};

/// How a target wants its events. Constant once made. [any-thread]
struct EventFormat {
  FormatStyle style = FormatStyle::emqx;
  PayloadEncoding encoding = PayloadEncoding::plain;
  std::string node;    ///< name of this node in the events
  bool escape = true;  ///< fields of templates are escaped for JSON strings

  /// One event. `body`: the template in place of the style's own form.
  void put(TextBuffer& out, const Event& event, const std::optional<BodyTemplate>& body) const;
  /// The body of a request: the event itself where a request has only one, else an array.
  [[nodiscard]] std::string joined(const std::vector<const std::string*>& bodies, bool single) const;
  [[nodiscard]] std::string content_type(bool single) const;

 private:
  void put_json(TextBuffer& out, const Event& event) const;
  void put_emqx(TextBuffer& out, const Event& event) const;
  void put_cloudevent(TextBuffer& out, const Event& event) const;
  void put_filled(TextBuffer& out, const Event& event, const BodyTemplate& body) const;
  void put_field(TextBuffer& out, const Event& event, const std::string& name) const;
  [[nodiscard]] std::string_view payload_of(const Event& event, std::string& encoded) const;
};

/// RFC 3339 in UTC with milliseconds.
void put_rfc3339(TextBuffer& out, uint64_t unix_ms);

}  // namespace patchbay::webhook
