#pragma once

#include <string_view>

namespace patchbay::net {

/// Role: knows which protocols are spoken on a connection; the app data of its SSL points to one.
class AlpnListener {
 public:
  [[nodiscard]] virtual bool speaks(std::string_view alpn_name) const = 0;

 protected:
  ~AlpnListener() = default;
};

}  // namespace patchbay::net
