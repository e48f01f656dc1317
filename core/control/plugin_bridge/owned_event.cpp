#include "plugin_bridge/owned_event.h"

#include <cstring>  // explicit_bzero besides
#include <new>
#include <utility>

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
    if (client == nullptr) return;
    auto shared = from_abi(client)->shared_from_this();
    if (event.client_ == nullptr) {
      event.client_ = std::move(shared);
    } else {
      event.more_clients_.push_back(std::move(shared));
    }
  }
  void operator()(const patchbay_message*& message) {
    if (message == nullptr) return;
    auto shared = share(from_abi(message));
    if (!event.message_) {
      event.message_ = std::move(shared);
    } else {
      event.more_messages_.push_back(std::move(shared));
    }
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
  static std::unique_ptr<OwnedEvent> copy(hooks::HookId id, const void* from, uint64_t at_unix_ms) {
    Abi original;
    std::memcpy(&original, from, sizeof original);
    Measure measure;
    visit(original, measure);
    const size_t block_size = sizeof(Abi) + measure.array_bytes + measure.text_bytes;
    void* const memory = ::operator new(sizeof(OwnedEvent) + block_size);
    std::unique_ptr<OwnedEvent> owned(::new (memory) OwnedEvent(id, at_unix_ms, block_size));
    std::memcpy(owned->block(), from, sizeof(Abi));
    static_assert(sizeof(Abi) % alignof(void*) == 0 && alignof(Abi) <= alignof(OwnedEvent));
    std::byte* behind = owned->block() + sizeof(Abi);
    Copier copier{*owned, behind, behind + measure.array_bytes};
    visit(*reinterpret_cast<Abi*>(owned->block()), copier);
    return owned;
  }
};

OwnedEvent::~OwnedEvent() {
  // Passwords and keys don't stay behind in memory that is given back.
  if (id_ == hooks::HookId::auth_authenticate || id_ == hooks::HookId::auth_connect_rewrite ||
      id_ == hooks::HookId::auth_enhanced) {
    explicit_bzero(block(), block_size_);
  }
}

std::unique_ptr<OwnedEvent> OwnedEvent::copy(hooks::HookId id, const void* event, uint64_t at_unix_ms) {
  switch (id) {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, \
                      event_name, core_event)                                                                \
  case hooks::HookId::identifier:                                                                            \
    return Copier::copy<patchbay_##event_name##_event>(id, event, at_unix_ms);
#include "patchbay/hooks.def"
  }
  PATCHBAY_ASSERT(!"a hook that isn't in the table");
  return nullptr;
}

}  // namespace patchbay::plugin_bridge
