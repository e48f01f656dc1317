#pragma once

#include <map>
#include <string>
#include <string_view>

namespace patchbay::plugin_bridge {

class Instance;

/// Gives the table of one interface for `instance`: constant, alive as long as the instance; null: not for this one.
/// `context` is what was offered with it. [control]
using InterfaceTable = const void* (*)(void* context, Instance& instance);

/// The interfaces that the host offers, by id. Filled by the composition root before any instance exists, constant
/// afterwards. [control]
class InterfaceDirectory {
 public:
  /// `permission` empty: everybody has it. A second offer of the same id is an assertion.
  void offer(std::string id, std::string permission, InterfaceTable table, void* context);
  /// Null: not offered, or `instance` has not been granted the permission (which is logged).
  [[nodiscard]] const void* find(Instance& instance, std::string_view id) const;
  [[nodiscard]] bool offers(std::string_view id) const { return offers_.find(id) != offers_.end(); }
  /// The permission that the interface needs; empty: none, or no such interface.
  [[nodiscard]] std::string_view permission_of(std::string_view id) const;

 private:
  struct Offer {
    std::string permission;
    InterfaceTable table;
    void* context;
  };
  std::map<std::string, Offer, std::less<>> offers_;
};

}  // namespace patchbay::plugin_bridge
