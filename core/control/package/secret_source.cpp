#include "package/secret_source.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace patchbay::package {

namespace {

namespace fs = std::filesystem;
using Answer = base::Result<std::string, std::string>;

constexpr std::string_view kOpen = "${";
constexpr std::string_view kLiteral = "$${";

/// A reference in a text: "${" kind ":" name "}".
struct Reference {
  size_t begin = 0;
  size_t end = 0;  ///< behind the '}'
  std::string_view inner;
  std::string_view kind;
  std::string_view name;
};

/// The next "${...}" from `from` on that isn't the literal "$${". Nothing behind it: npos as begin.
Reference next_reference(std::string_view text, size_t from) {
  for (size_t begin = text.find(kOpen, from); begin != std::string_view::npos; begin = text.find(kOpen, begin + 2)) {
    if (begin > 0 && text[begin - 1] == '$') continue;
    const size_t close = text.find('}', begin);
    if (close == std::string_view::npos) break;
    const std::string_view inner = text.substr(begin + 2, close - begin - 2);
    const size_t colon = std::min(inner.find(':'), inner.size());
    return {begin, close + 1, inner, inner.substr(0, colon), inner.substr(std::min(colon + 1, inner.size()))};
  }
  return {std::string_view::npos, 0, {}, {}, {}};
}

std::string named(std::string_view kind, std::string_view name) {
  return "${" + std::string(kind) + ':' + std::string(name) + '}';
}

bool is_below(const fs::path& path, const fs::path& dir) {
  const auto [dir_end, path_at] = std::mismatch(dir.begin(), dir.end(), path.begin(), path.end());
  return (dir_end == dir.end() || *dir_end == "") && path_at != path.end();
}

Answer read_variable(std::string_view name, const SecretSources& sources) {
  const std::string text(name);
  const auto& prefixes = sources.environment_prefixes;
  const bool is_allowed = prefixes.empty() || std::any_of(prefixes.begin(), prefixes.end(),
                                                          [&](const auto& prefix) { return text.starts_with(prefix); });
  if (!is_allowed) {
    std::string allowed;
    for (const std::string& prefix : prefixes) allowed += (allowed.empty() ? "" : ", ") + prefix + "…";
    return base::fail(named("env", name) + ": this variable may not be read, allowed are " + allowed);
  }
  std::optional<std::string> value;
  if (sources.environment) {
    value = sources.environment(text);
  } else if (const char* const found = std::getenv(text.c_str())) {
    value = found;
  }
  if (!value) return base::fail(named("env", name) + ": the variable is not set");
  return std::move(*value);
}

Answer read_content(const fs::path& path, std::string_view name, size_t bytes_max) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::fail(named("file", name) + ": the file cannot be read");
  std::string content(bytes_max + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<size_t>(file.gcount()));
  if (content.size() > bytes_max) {
    wipe(content);
    return base::fail(named("file", name) + ": the file is larger than the " + std::to_string(bytes_max) +
                      " bytes that are allowed");
  }
  // What editors and `echo` leave at the end is no part of a secret.
  if (content.ends_with('\n')) content.pop_back();
  if (content.ends_with('\r')) content.pop_back();
  return content;
}

Answer read_file(std::string_view name, const SecretSources& sources) {
  std::error_code error;
  const fs::path path = fs::canonical(fs::path(name), error);
  if (error || !fs::path(name).is_absolute()) {
    return base::fail(named("file", name) + ": found no such file, expected an absolute path");
  }
  std::string allowed;
  for (const fs::path& dir : sources.file_dirs) {
    const fs::path real_dir = fs::canonical(dir, error);
    if (!error && is_below(path, real_dir)) return read_content(path, name, sources.value_bytes_max);
    allowed += (allowed.empty() ? "" : ", ") + dir.string();
  }
  return base::fail(named("file", name) + ": the file lies outside of the allowed folders, which are: " +
                    (allowed.empty() ? "none" : allowed));
}

Answer resolve_one(const Reference& reference, const SecretSources& sources) {
  if (reference.kind == "env" && !reference.name.empty()) return read_variable(reference.name, sources);
  if (reference.kind == "file" && !reference.name.empty()) return read_file(reference.name, sources);
  // Whoever moves here writes placeholders as other brokers have them: what to write instead is told letter by letter.
  const std::string written = "${" + std::string(reference.inner) + '}';
  return base::fail(written + ": is no reference, expected ${env:NAME} or ${file:/path}; write $" + written +
                    " for these letters themselves");
}

void append_literal(std::string& out, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const size_t literal = text.find(kLiteral, at);
    out += text.substr(at, literal - at);
    if (literal == std::string_view::npos) return;
    out += kOpen;
    at = literal + kLiteral.size();
  }
}

}  // namespace

void wipe(std::string& text) {
  text.resize(text.capacity());  // What a longer text left behind the end goes too.
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

SecretText::SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) {
  other.wipe();  // A short text was copied, not moved.
}

SecretText& SecretText::operator=(SecretText&& other) noexcept {
  if (this == &other) return *this;
  wipe();
  text_ = std::move(other.text_);
  other.wipe();
  return *this;
}

void SecretText::wipe() {
  package::wipe(text_);
}

bool has_secret_reference(std::string_view text) {
  return next_reference(text, 0).begin != std::string_view::npos;
}

Answer resolve_references(std::string_view text, const SecretSources& sources) {
  std::string out;
  size_t done = 0;
  for (;;) {
    const Reference reference = next_reference(text, done);
    if (reference.begin == std::string_view::npos) break;
    append_literal(out, text.substr(done, reference.begin - done));
    auto value = resolve_one(reference, sources);
    if (!value) {
      wipe(out);
      return base::fail(value.error());
    }
    out += *value;
    wipe(*value);
    done = reference.end;
  }
  append_literal(out, text.substr(done));
  return out;
}

}  // namespace patchbay::package
