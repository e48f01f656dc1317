#include "saslprep.h"

#include <stringprep.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace patchbay::auth_file {

namespace {

struct Free {
  void operator()(char* text) const { std::free(text); }
};

}  // namespace

std::optional<std::string> saslprep(std::string_view text, SaslprepUse use) {
  if (text.empty()) return std::nullopt;
  const std::string terminated(text);
  // Printable ASCII is its own form, and what nearly everybody has.
  if (std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; })) return terminated;
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // the library's texts end there
  char* prepared = nullptr;
  const auto flags = static_cast<Stringprep_profile_flags>(use == SaslprepUse::stored ? STRINGPREP_NO_UNASSIGNED : 0);
  if (stringprep_profile(terminated.c_str(), &prepared, "SASLprep", flags) != STRINGPREP_OK) return std::nullopt;
  const std::unique_ptr<char, Free> owned(prepared);
  if (*prepared == '\0') return std::nullopt;
  return std::string(prepared);
}

}  // namespace patchbay::auth_file
