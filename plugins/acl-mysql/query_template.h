#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::acl_mysql {

/// What stands in for a placeholder.
enum class Placeholder : std::uint8_t {
  client_id,
  username,
  peer_host,
  certificate_common_name,
  certificate_subject,
  listener,
  protocol_name,
  attribute,
  // Of the question, not of the client.
  topic,
  action,
  qos,
  retain,
};

struct Parameter {
  Placeholder what;
  std::string name;  ///< of the attribute
};

/// An operator's query with placeholders, as SQL with parameter markers. Values never become part of the text: the
/// server gets them beside it. Constant once made. [any-thread]
class QueryTemplate {
 public:
  enum class Use : std::uint8_t { authentication, authorization, superuser };

  /// Knows ${clientid}, ${username}, ${peerhost}, ${cert_common_name}, ${cert_subject}, ${listener}, ${proto_name},
  /// ${client_attrs.NAME}; for authorization also ${topic}, ${action}, ${qos}, ${retain}. Quotes right around a
  /// placeholder are taken off, as EMQX does. Nothing, and why, for everything else.
  [[nodiscard]] static std::optional<QueryTemplate> parse(std::string_view text, Use use, std::string& reason);

  [[nodiscard]] const std::string& sql() const { return sql_; }
  [[nodiscard]] const std::vector<Parameter>& parameters() const { return parameters_; }
  /// The answer is about one question only, so that it can't be kept for the client.
  [[nodiscard]] bool about_one_question() const;

 private:
  class Reader;
  std::string sql_;
  std::vector<Parameter> parameters_;
};

}  // namespace patchbay::acl_mysql
