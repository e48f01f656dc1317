// The plugin's own format: a rule on each line, words with space between them.
#include <re2/re2.h>

#include <optional>
#include <utility>

#include "rule_text.h"

namespace patchbay::acl_file {

namespace {

struct Word {
  std::string text;
  bool quoted = false;
};

/// What is wrong with the line being read; thrown by its reader and caught there.
struct Mistake {
  std::string what;
};

std::string read_quoted(std::string_view& rest) {
  std::string text;
  rest.remove_prefix(1);
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    text += rest.front();
    rest.remove_prefix(1);
  }
  if (rest.empty()) throw Mistake{"a quotation mark without its other one"};
  rest.remove_prefix(1);
  if (!rest.empty() && rest.front() != ' ' && rest.front() != '\t')
    throw Mistake{"something stands close to a quotation mark"};
  return text;
}

std::vector<Word> split(std::string_view line) {
  std::vector<Word> words;
  while (!line.empty()) {
    if (line.front() == ' ' || line.front() == '\t') {
      line.remove_prefix(1);
    } else if (line.front() == '"') {
      words.push_back({read_quoted(line), true});
    } else {
      const size_t end = std::min(line.find_first_of(" \t"), line.size());
      words.push_back({std::string(line.substr(0, end)), false});
      line.remove_prefix(end);
    }
  }
  return words;
}

class LineReader {
 public:
  LineReader(std::string_view line, uint32_t number) : words_(split(line)) {
    rule_.line = number;
    rule_.text = line;
  }

  Rule read() {
    read_permission();
    read_who();
    if (more()) {
      read_action();
      read_topics();
    }
    return std::move(rule_);
  }

 private:
  [[nodiscard]] bool more() const { return at_ < words_.size(); }
  [[nodiscard]] bool is_next(std::string_view keyword) const {
    return more() && !words_[at_].quoted && words_[at_].text == keyword;
  }
  bool take(std::string_view keyword) {
    const bool found = is_next(keyword);
    if (found) ++at_;
    return found;
  }
  const std::string& take_word(std::string_view what) {
    if (!more()) throw Mistake{"the line ends where " + std::string(what) + " should be"};
    return words_[at_++].text;
  }

  void read_permission() {
    rule_.allow = take("allow");
    if (!rule_.allow && !take("deny")) throw Mistake{"a rule begins with allow or deny"};
  }

  void read_who() {
    if (take("all")) return;
    do {
      rule_.conditions.push_back(read_condition());
    } while (take("and"));
  }

  Condition read_condition() {
    using Kind = Condition::Kind;
    static constexpr std::pair<std::string_view, Kind> kinds[] = {
        {"user", Kind::user},          {"client", Kind::client},       {"common_name", Kind::common_name},
        {"listener", Kind::listener},  {"attribute", Kind::attribute}, {"address", Kind::address},
        {"anonymous", Kind::anonymous}};
    Condition condition;
    for (const auto& [keyword, kind] : kinds) {
      if (!take(keyword)) continue;
      condition.kind = kind;
      if (kind == Kind::anonymous) return condition;
      if (kind == Kind::address) {
        read_ranges(condition);
        return condition;
      }
      if (kind == Kind::attribute) condition.name = take_word("the name of an attribute");
      read_value(condition);
      return condition;
    }
    throw Mistake{"who? expected all, user, client, common_name, listener, attribute, address or anonymous" +
                  (more() ? ", found " + words_[at_].text : std::string())};
  }

  void read_value(Condition& condition) {
    const bool expression = take("~");
    const std::string& text = take_word(expression ? "a regular expression" : "a value");
    if (!expression) {
      condition.value = text;
      return;
    }
    if (text.size() > kMaximumExpressionBytes) throw Mistake{"the regular expression is too long"};
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_shared<re2::RE2>(text, options);
    if (!compiled->ok()) throw Mistake{"not a regular expression: " + compiled->error()};
    condition.expression = std::move(compiled);
  }

  void read_ranges(Condition& condition) {
    const std::string list = take_word("an address");
    for (size_t from = 0; from <= list.size();) {
      const size_t end = std::min(list.find(',', from), list.size());
      const auto range = support::AddressRange::parse(std::string_view(list).substr(from, end - from));
      if (!range) throw Mistake{"not an address, nor a range of them: " + list.substr(from, end - from)};
      condition.ranges.push_back(*range);
      from = end + 1;
    }
  }

  void read_action() {
    if (take("publish")) {
      rule_.actions = static_cast<uint8_t>(Action::publish);
    } else if (take("subscribe")) {
      rule_.actions = static_cast<uint8_t>(Action::subscribe);
    } else if (!take("all")) {
      throw Mistake{"expected publish, subscribe or all, found " + words_[at_].text};
    }
    while (more() && !words_[at_].quoted && read_option(words_[at_].text)) ++at_;
  }

  bool read_option(std::string_view word) {
    if (word.starts_with("qos=")) {
      rule_.qos_mask = read_qos(word.substr(4));
    } else if (word == "retain=true" || word == "retain=false") {
      if (rule_.actions == static_cast<uint8_t>(Action::subscribe)) throw Mistake{"retain= belongs to publish"};
      rule_.retain = word == "retain=true" ? Rule::Retain::retained_only : Rule::Retain::not_retained;
    } else if (word.starts_with("retain=")) {
      throw Mistake{"retain= takes true or false"};
    } else {
      return false;
    }
    return true;
  }

  static uint8_t read_qos(std::string_view list) {
    uint8_t mask = 0;
    for (size_t at = 0; at < list.size(); at += 2) {
      const bool number = list[at] >= '0' && list[at] <= '2';
      if (!number || (at + 1 < list.size() && (list[at + 1] != ',' || at + 2 == list.size()))) {
        throw Mistake{"qos= takes 0, 1 and 2 with commas between them"};
      }
      mask = static_cast<uint8_t>(mask | (1u << (list[at] - '0')));
    }
    if (mask == 0) throw Mistake{"qos= takes 0, 1 and 2 with commas between them"};
    return mask;
  }

  void read_topics() {
    do {
      const bool literal = take("eq");
      const std::string text = (literal ? "eq " : "") + take_word("a topic");
      std::string reason;
      auto pattern = support::TopicPattern::parse(text, reason, support::TopicPattern::Style::braces);
      if (!pattern) throw Mistake{reason + ": " + text};
      rule_.topics.push_back(std::move(*pattern));
    } while (more());
  }

  std::vector<Word> words_;
  size_t at_ = 0;
  Rule rule_;
};

}  // namespace

ParsedRules parse_patchbay_rules(std::string_view text) {
  ParsedRules parsed;
  uint32_t number = 0;
  for (std::string_view line; next_line(text, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    try {
      if (line.find('\0') != std::string_view::npos) throw Mistake{"a NUL"};
      parsed.rules.push_back(LineReader(line, number).read());
    } catch (const Mistake& mistake) {
      add_problem(parsed, number, mistake.what);
    }
  }
  return parsed;
}

}  // namespace patchbay::acl_file
