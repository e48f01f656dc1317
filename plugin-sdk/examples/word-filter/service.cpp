// Provides svc.words/1 to other plugins.
#include <patchbay/plugin.hpp>
#include <patchbay/services.hpp>

#include "words.h"

struct config {
  std::vector<std::string> words;
  template <typename Fields>
  void describe(Fields& f) {
    f.required("words", words);
  }
};

struct word_service final : patchbay::plugin<word_service, config> {
  using plugin::plugin;
  void start() { patchbay::provide(host(), "svc.words/1", host().instance_name(), 1, &table, this); }

 private:
  static std::uint32_t holds(void* self, patchbay_bytes text) noexcept {
    const std::string_view given = patchbay::as_text(patchbay::span(text));
    for (const auto& word : static_cast<word_service*>(self)->settings().words) {
      if (given.find(word) != std::string_view::npos) return 1;
    }
    return 0;
  }
  static constexpr words_service table = {sizeof(words_service), 0, &holds};
};
PATCHBAY_PLUGIN(word_service)
