#pragma once

#include <type_traits>
#include <vector>

#include "config/config_keys.h"

/// How the tables point at a struct's member. Included by the table files only.
namespace patchbay::config {

template <class Element>
TableList table_list(std::vector<Element>& list) {
  using List = std::vector<Element>;
  return {&list, [](void* l) -> void* { return &static_cast<List*>(l)->emplace_back(); },
          [](void* l, size_t index) -> void* { return &(*static_cast<List*>(l))[index]; },
          [](const void* l) { return static_cast<const List*>(l)->size(); },
          [](void* l) { static_cast<List*>(l)->clear(); }};
}

template <class Member>
FieldRef field_ref(Member& member) {
  if constexpr (std::is_enum_v<Member>) {
    static_assert(std::is_same_v<std::underlying_type_t<Member>, uint8_t>);
    return reinterpret_cast<uint8_t*>(&member);  // NOLINT: a byte may alias anything
  } else {
    return &member;
  }
}

template <class Element>
requires(!std::is_same_v<Element, std::string>) FieldRef field_ref(std::vector<Element>& member) {
  return table_list(member);
}

}  // namespace patchbay::config

#define PATCHBAY_FIELD(object_type, member)              \
  [](void* object) -> ::patchbay::config::FieldRef {     \
    auto& target = *static_cast<object_type*>(object);   \
    return ::patchbay::config::field_ref(target.member); \
  }
