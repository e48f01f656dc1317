// Uses svc.words/1, which may come, go and be replaced while this plugin runs.
#include <patchbay/plugin.hpp>
#include <patchbay/services.hpp>

#include "words.h"

struct word_filter final : patchbay::plugin<word_filter> {
  using plugin::plugin;
  void start() { words_.acquire(host(), "svc.words/1"); }
  void stop() { words_.release(); }

  verdict on_publish(message m) {
    const auto words = words_.use();  // keeps the provider's code for the length of this call
    if (!words) return verdict::cont();
    const bool bad = words->holds(words.self(), patchbay::raw_bytes(m.payload())) != 0;
    return bad ? verdict::deny(0x99) : verdict::cont();  // 0x99: payload format invalid
  }
  patchbay::health_report health() {
    using report = patchbay::health_report;
    return words_.use() ? report::healthy("filtering") : report::connecting("no svc.words/1: everything passes");
  }

 private:
  patchbay::lease<words_service> words_;
};
PATCHBAY_PLUGIN(word_filter)
