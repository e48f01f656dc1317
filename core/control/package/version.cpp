#include "package/version.h"

#include <algorithm>
#include <charconv>

namespace patchbay::package {

namespace {

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

bool is_word_byte(char byte) {
  return is_digit(byte) || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '-';
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Takes what stands before the first `separator`, and the separator with it.
std::string_view take_until(std::string_view& text, char separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// A decimal number without leading zeros at the beginning of the text.
std::optional<uint64_t> take_number(std::string_view& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto length = static_cast<size_t>(end - text.data());
  if (error != std::errc() || (text[0] == '0' && length > 1)) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

bool take_byte(std::string_view& text, char byte) {
  if (text.empty() || text.front() != byte) return false;
  text.remove_prefix(1);
  return true;
}

/// Dot-separated words, none empty; numbers of a pre-release have no leading zeros.
bool is_dotted_words(std::string_view text, bool numbers_are_plain) {
  for (;;) {
    const size_t dot = text.find('.');
    const std::string_view word = text.substr(0, dot);
    if (word.empty() || !std::all_of(word.begin(), word.end(), is_word_byte)) return false;
    if (numbers_are_plain && word.size() > 1 && word[0] == '0' && is_number(word)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::weak_ordering ordering(int comparison) {
  if (comparison == 0) return std::weak_ordering::equivalent;
  return comparison < 0 ? std::weak_ordering::less : std::weak_ordering::greater;
}

std::weak_ordering compare_words(std::string_view left, std::string_view right) {
  const bool left_is_number = is_number(left);
  if (left_is_number != is_number(right)) {
    return left_is_number ? std::weak_ordering::less : std::weak_ordering::greater;
  }
  if (left_is_number && left.size() != right.size()) return left.size() <=> right.size();
  return ordering(left.compare(right));
}

std::weak_ordering compare_pre_releases(std::string_view left, std::string_view right) {
  if (left.empty() != right.empty()) return left.empty() ? std::weak_ordering::greater : std::weak_ordering::less;
  while (!left.empty() && !right.empty()) {
    const auto words = compare_words(take_until(left, '.'), take_until(right, '.'));
    if (words != 0) return words;
  }
  return left.size() <=> right.size();
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  Version version;
  uint64_t* const parts[] = {&version.major, &version.minor, &version.patch};
  for (uint64_t* part : parts) {
    if (part != parts[0] && !take_byte(text, '.')) return std::nullopt;
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    *part = *number;
  }
  if (take_byte(text, '-')) {
    const size_t end = std::min(text.find('+'), text.size());
    version.pre_release = text.substr(0, end);
    text.remove_prefix(end);
    if (!is_dotted_words(version.pre_release, true)) return std::nullopt;
  }
  if (take_byte(text, '+')) {
    version.build = text;
    text = {};
    if (!is_dotted_words(version.build, false)) return std::nullopt;
  }
  if (!text.empty()) return std::nullopt;
  return version;
}

std::string Version::text() const {
  std::string text = std::to_string(major) + '.' + std::to_string(minor) + '.' + std::to_string(patch);
  if (!pre_release.empty()) text += '-' + pre_release;
  if (!build.empty()) text += '+' + build;
  return text;
}

std::weak_ordering Version::operator<=>(const Version& other) const {
  if (major != other.major) return major <=> other.major;
  if (minor != other.minor) return minor <=> other.minor;
  if (patch != other.patch) return patch <=> other.patch;
  return compare_pre_releases(pre_release, other.pre_release);
}

}  // namespace patchbay::package
