#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::auth_http {

/// What placeholders stand for, in one question. Owns its texts.
struct Subject {
  std::string client_id;
  std::string username;
  std::string password;  ///< authentication only; never logged
  std::string peerhost;
  std::string peerport;
  std::string listener;
  std::string protocol_name;
  std::string cert_common_name;
  std::string cert_subject;
  std::string topic;   ///< authorization only, as the rest
  std::string action;  ///< "publish" or "subscribe"
  std::string qos;
  std::string retain;  ///< "true" or "false"
  std::vector<std::pair<std::string, std::string>> attributes;
};

/// A text with places: "${clientid}", "${username}", "${password}", "${peerhost}", "${peername}", "${listener}",
/// "${proto_name}", "${cert_common_name}", "${cert_subject}", "${mountpoint}", "${zone}", "${topic}", "${action}",
/// "${qos}", "${retain}", "${client_attrs.NAME}", and "${$}" for a dollar sign. Constant once made. [any-thread]
class TextTemplate {
 public:
  /// Nothing where a place isn't closed, is unknown, or is none of this question's; `reason` says which.
  [[nodiscard]] static std::optional<TextTemplate> parse(std::string_view text, bool authorization,
                                                         std::string& reason);
  using Encode = std::string (*)(std::string_view value);
  /// `encode`: applied to each value; null: not.
  [[nodiscard]] std::string filled(const Subject& subject, Encode encode) const;
  /// Where the first place begins.
  [[nodiscard]] size_t fixed_length() const { return pieces_.front().fixed.size(); }

 private:
  struct Piece {
    std::string fixed;
    std::string place;  // "": the end
  };
  std::vector<Piece> pieces_;
};

}  // namespace patchbay::auth_http
