#include "query_template.h"

#include <utility>

namespace patchbay::acl_mysql {

namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kAttribute = "client_attrs.";
constexpr std::pair<std::string_view, Placeholder> kOfClients[] = {
    {"clientid", Placeholder::client_id},
    {"username", Placeholder::username},
    {"peerhost", Placeholder::peer_host},
    {"cert_common_name", Placeholder::certificate_common_name},
    {"cert_subject", Placeholder::certificate_subject},
    {"listener", Placeholder::listener},
    {"proto_name", Placeholder::protocol_name},
};
constexpr std::pair<std::string_view, Placeholder> kOfQuestions[] = {
    {"topic", Placeholder::topic},
    {"action", Placeholder::action},
    {"qos", Placeholder::qos},
    {"retain", Placeholder::retain},
};

std::optional<Parameter> parameter_from(std::string_view name, QueryTemplate::Use use) {
  for (const auto& [known, what] : kOfClients) {
    if (known == name) return Parameter{what, ""};
  }
  if (name.starts_with(kAttribute) && name.size() > kAttribute.size()) {
    return Parameter{Placeholder::attribute, std::string(name.substr(kAttribute.size()))};
  }
  if (use != QueryTemplate::Use::authorization) return std::nullopt;
  for (const auto& [known, what] : kOfQuestions) {
    if (known == name) return Parameter{what, ""};
  }
  return std::nullopt;
}

}  // namespace

/// Goes through the text once; knows enough of SQL to tell what is quoted and what is a remark.
class QueryTemplate::Reader {
 public:
  Reader(std::string_view text, Use use, QueryTemplate& into, std::string& reason)
      : text_(text), use_(use), into_(into), reason_(reason) {}

  bool read() {
    while (at_ < text_.size()) {
      if (!step()) return false;
    }
    if (into_.sql_.find_first_not_of(" \t\r\n") != std::string::npos) return true;
    return refuse("is empty");
  }

 private:
  bool refuse(std::string why) {
    reason_ = std::move(why);
    return false;
  }
  [[nodiscard]] bool ahead(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  bool step() {
    const char c = text_[at_];
    if (ahead(kOpen)) return placeholder();
    if (c == '\'' || c == '"') return quoted_placeholder(c) ? placeholder_in_quotes() : quoted(c);
    if (c == '`') return quoted(c);
    if (c == '#' || ahead("-- ")) return copy_until("\n");
    if (ahead("/*")) return copy_until("*/");
    if (c == '?') return refuse("holds a '?': write the placeholder, such as ${username}, in its place");
    if (c == '\0') return refuse("holds a NUL");
    into_.sql_.push_back(c);
    ++at_;
    return true;
  }
  bool placeholder() {
    const size_t close = text_.find('}', at_);
    if (close == std::string_view::npos) return refuse("has a ${ without }");
    const std::string_view name = text_.substr(at_ + kOpen.size(), close - at_ - kOpen.size());
    auto parameter = parameter_from(name, use_);
    if (!parameter) return refuse("has the placeholder ${" + std::string(name) + "}, which is not known here");
    into_.parameters_.push_back(std::move(*parameter));
    into_.sql_.push_back('?');
    at_ = close + 1;
    return true;
  }
  /// Whether '${name}' stands here, with nothing else between the quotes.
  [[nodiscard]] bool quoted_placeholder(char quote) const {
    if (text_.substr(at_ + 1, kOpen.size()) != kOpen) return false;
    const size_t close = text_.find('}', at_);
    return close != std::string_view::npos && close + 1 < text_.size() && text_[close + 1] == quote;
  }
  bool placeholder_in_quotes() {
    ++at_;
    if (!placeholder()) return false;
    ++at_;
    return true;
  }
  bool quoted(char quote) {
    const size_t begin = at_++;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '\\' && quote != '`' && at_ < text_.size()) {
        ++at_;
      } else if (c == quote && !(at_ < text_.size() && text_[at_] == quote)) {
        return take_quoted(text_.substr(begin, at_ - begin));
      } else if (c == quote) {
        ++at_;
      }
    }
    return refuse("has a quote without end");
  }
  bool take_quoted(std::string_view part) {
    if (part.find(kOpen) != std::string_view::npos) {
      return refuse(
          "has a placeholder within quotes, where it would be letters only: put texts together with CONCAT()");
    }
    into_.sql_.append(part);
    return true;
  }
  bool copy_until(std::string_view end) {
    const size_t found = text_.find(end, at_ + 1);
    const size_t behind = found == std::string_view::npos ? text_.size() : found + end.size();
    into_.sql_.append(text_.substr(at_, behind - at_));
    at_ = behind;
    return true;
  }

  std::string_view text_;
  Use use_;
  QueryTemplate& into_;
  std::string& reason_;
  size_t at_ = 0;
};

std::optional<QueryTemplate> QueryTemplate::parse(std::string_view text, Use use, std::string& reason) {
  QueryTemplate made;
  if (!Reader(text, use, made, reason).read()) return std::nullopt;
  return made;
}

bool QueryTemplate::about_one_question() const {
  for (const Parameter& parameter : parameters_) {
    if (parameter.what >= Placeholder::topic) return true;
  }
  return false;
}

}  // namespace patchbay::acl_mysql
