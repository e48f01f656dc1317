// The hook table against the tests: a point that no test calls or listens to is found here, when it is added.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "hooks/hook_points.h"

namespace patchbay::hooks {
namespace {

/// All test sources but this one, in one text each.
std::vector<std::string> test_sources() {
  const std::filesystem::path tests = std::filesystem::path(PATCHBAY_SOURCE_DIR) / "tests";
  std::vector<std::string> texts;
  for (const char* folder : {"flow", "unit", "wire", "plugins"}) {
    for (const auto& file : std::filesystem::recursive_directory_iterator(tests / folder)) {
      if (file.path().extension() != ".cpp" && file.path().extension() != ".c") continue;
      if (file.path().filename() == std::filesystem::path(__FILE__).filename()) continue;
      std::ifstream stream(file.path());
      texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
  }
  return texts;
}

/// Whether `word` stands in `text` and does not go on behind its end.
bool names(const std::string& text, const std::string& word) {
  for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const char next = at + word.size() < text.size() ? text[at + word.size()] : ' ';
    if (next != '_' && std::isalnum(static_cast<unsigned char>(next)) == 0) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("Every point of the hook table is called or listened to in some test") {
  const std::vector<std::string> sources = test_sources();
  REQUIRE(sources.size() > 100);
  std::string without;
  for (const HookInfo& hook : all_hooks()) {
    std::string identifier(hook.name);
    std::replace(identifier.begin(), identifier.end(), '.', '_');
    const bool tested = std::any_of(sources.begin(), sources.end(), [&](const std::string& text) {
      return names(text, "points." + identifier) || names(text, "points()." + identifier) ||
             names(text, "HookId::" + identifier) || names(text, "PATCHBAY_HOOK_" + identifier);
    });
    if (!tested) without += " " + std::string(hook.name);
  }
  CHECK(without.empty());
  if (!without.empty()) WARN("without a test:" << without);
}

}  // namespace patchbay::hooks
