#include "plugin_bridge/owned_event.h"

#include <cstring>  // explicit_bzero besides

#include "base/assert.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/events/event_views.h"

namespace patchbay::plugin_bridge {

namespace {

/// Sums up the room that everything outside the struct takes.
struct Measure {
  size_t array_bytes = 0;
  size_t text_bytes = 0;

  void operator()(patchbay_str& text) { text_bytes += text.len; }
  void operator()(patchbay_bytes& bytes) { text_bytes += bytes.len; }
  void operator()(const patchbay_client*&) {}
  void operator()(const patchbay_message*&) {}
  template <class Element>
  void array(const Element*& elements, size_t count) {
    static_assert(alignof(Element) == alignof(void*));
    array_bytes += count * sizeof(Element);
    for (size_t i = 0; i < count; ++i) {
      Element element = elements[i];
      visit(element, *this);
    }
  }
};

}  // namespace

/// Copies into the block, and turns views and pointers to the copies.
struct OwnedEvent::Copier {
  OwnedEvent& event;
  std::byte* arrays;
  std::byte* texts;

  template <class Character>
  void take(const Character*& data, size_t size) {
    if (size == 0) return;
    std::memcpy(texts, data, size);
    data = reinterpret_cast<const Character*>(texts);
    texts += size;
  }
  void operator()(patchbay_str& text) { take(text.ptr, text.len); }
  void operator()(patchbay_bytes& bytes) { take(bytes.ptr, bytes.len); }
  void operator()(const patchbay_client*& client) {
    if (client != nullptr) event.clients_.push_back(from_abi(client)->shared_from_this());
  }
  void operator()(const patchbay_message*& message) {
    if (message != nullptr) event.messages_.push_back(share(from_abi(message)));
  }
  template <class Element>
  void array(const Element*& elements, size_t count) {
    if (count == 0) return;
    auto* copies = reinterpret_cast<Element*>(arrays);
    arrays += count * sizeof(Element);
    std::memcpy(static_cast<void*>(copies), elements, count * sizeof(Element));
    for (size_t i = 0; i < count; ++i) visit(copies[i], *this);
    elements = copies;
  }

  template <class Abi>
  static void copy(OwnedEvent& owned, const void* from) {
    Abi original;
    std::memcpy(&original, from, sizeof original);
    Measure measure;
    visit(original, measure);
    owned.block_size_ = sizeof(Abi) + measure.array_bytes + measure.text_bytes;
    owned.block_ = std::make_unique_for_overwrite<std::byte[]>(owned.block_size_);
    std::memcpy(owned.block_.get(), from, sizeof(Abi));
    static_assert(sizeof(Abi) % alignof(void*) == 0);
    std::byte* behind = owned.block_.get() + sizeof(Abi);
    Copier copier{owned, behind, behind + measure.array_bytes};
    visit(*reinterpret_cast<Abi*>(owned.block_.get()), copier);
  }
};

OwnedEvent::~OwnedEvent() {
  // Passwords and keys don't stay behind in memory that is given back.
  if (id_ == hooks::HookId::auth_authenticate || id_ == hooks::HookId::auth_connect_rewrite ||
      id_ == hooks::HookId::auth_enhanced) {
    explicit_bzero(block_.get(), block_size_);
  }
}

std::unique_ptr<OwnedEvent> OwnedEvent::copy(hooks::HookId id, const void* event, uint64_t at_unix_ms) {
  std::unique_ptr<OwnedEvent> owned(new OwnedEvent);
  owned->id_ = id;
  owned->at_unix_ms_ = at_unix_ms;
  switch (id) {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, \
                      event_name, core_event)                                                                \
  case hooks::HookId::identifier:                                                                            \
    Copier::copy<patchbay_##event_name##_event>(*owned, event);                                              \
    return owned;
#include "patchbay/hooks.def"
  }
  PATCHBAY_ASSERT(!"a hook that isn't in the table");
  return owned;
}

}  // namespace patchbay::plugin_bridge
