#include "destination.h"

namespace patchbay::stomp {

namespace {

constexpr std::string_view kEscaped = "%*>#+";

bool needs_escape(char c, const DestinationRules& rules) {
  return kEscaped.find(c) != std::string_view::npos || (rules.separator != "/" && c == rules.separator.front());
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// One word as a level; what isn't an escape of ours stays as it is.
void append_level(std::string& out, std::string_view word, const DestinationRules& rules) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] == '%' && i + 2 < word.size() && hex_digit(word[i + 1]) >= 0 && hex_digit(word[i + 2]) >= 0) {
      const char meant = static_cast<char>(hex_digit(word[i + 1]) * 16 + hex_digit(word[i + 2]));
      if (needs_escape(meant, rules)) {
        out += meant;
        i += 2;
        continue;
      }
    }
    out += word[i];
  }
}

/// A word that stands for levels; empty: it doesn't.
std::string_view wildcard(std::string_view word, bool last) {
  if (word == "*" || word == "+") return "+";
  return last && (word == "#" || word == ">" || word == "**") ? "#" : "";
}

/// Words with separators between them as levels. False: a wildcard where none may be.
bool append_levels(std::string& out, std::string_view words, bool wildcards, const DestinationRules& rules) {
  for (;;) {
    const std::size_t end = words.find(rules.separator.front());
    const std::string_view word = words.substr(0, end);
    const bool last = end == std::string_view::npos;
    const std::string_view wild = wildcard(word, last);
    if (!wild.empty() ? !wildcards : word.find_first_of("*>#+") != std::string_view::npos) return false;
    if (wild.empty()) {
      append_level(out, word, rules);
    } else {
      out.append(wild);
    }
    if (last) return true;
    out += '/';
    words.remove_prefix(end + 1);
  }
}

struct Split {
  DestinationForm form;
  std::string_view words;
};

Split split(std::string_view destination, const DestinationRules& rules) {
  if (!rules.topic_prefix.empty() && destination.starts_with(rules.topic_prefix)) {
    return {DestinationForm::topic, destination.substr(rules.topic_prefix.size())};
  }
  if (!rules.queue_prefix.empty() && destination.starts_with(rules.queue_prefix)) {
    return {DestinationForm::queue, destination.substr(rules.queue_prefix.size())};
  }
  return {DestinationForm::plain, destination};
}

std::optional<Destination> read(std::string_view text, bool subscribes, const DestinationRules& rules) {
  const Split parts = split(text, rules);
  Destination out{parts.form, {}};
  if (parts.words.empty()) return std::nullopt;
  if (parts.form == DestinationForm::plain) {
    if (!rules.plain || (!subscribes && text.find_first_of("+#") != std::string_view::npos)) return std::nullopt;
    out.topic = text;
    return out;
  }
  if (parts.form == DestinationForm::queue) {
    if (subscribes) out.topic.append("$share/").append(rules.queue_group).append("/");
    out.topic.append(rules.queue_topic_prefix);
  }
  if (!append_levels(out.topic, parts.words, subscribes, rules)) return std::nullopt;
  return out;
}

}  // namespace

std::optional<Destination> topic_of(std::string_view destination, const DestinationRules& rules) {
  return read(destination, false, rules);
}

std::optional<Destination> filter_of(std::string_view destination, const DestinationRules& rules) {
  return read(destination, true, rules);
}

void append_destination(std::string& out, std::string_view topic, DestinationForm form, const DestinationRules& rules) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  if (form == DestinationForm::plain) {
    out.append(topic);
    return;
  }
  if (form == DestinationForm::queue) {
    out.append(rules.queue_prefix);
    if (topic.starts_with(rules.queue_topic_prefix)) topic.remove_prefix(rules.queue_topic_prefix.size());
  } else {
    out.append(rules.topic_prefix);
  }
  const char separator = rules.separator.front();
  for (;;) {
    std::size_t plain = 0;
    while (plain < topic.size() && topic[plain] != '/' && !needs_escape(topic[plain], rules)) ++plain;
    out.append(topic.substr(0, plain));
    if (plain == topic.size()) return;
    const auto byte = static_cast<unsigned char>(topic[plain]);
    if (byte == '/') {
      out += separator;
    } else {
      out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
    topic.remove_prefix(plain + 1);
  }
}

}  // namespace patchbay::stomp
