#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::webhook {

/// A text with places for fields: "${topic}", "${opts}", "${.}" for the whole event as JSON, "${$}" for a dollar sign.
/// Constant once made. [any-thread]
class BodyTemplate {
 public:
  /// Nothing where a place isn't closed or names no field of any event; `reason` says which.
  [[nodiscard]] static std::optional<BodyTemplate> parse(std::string_view text, std::string& reason);

  /// A fixed text, then the name of a field; the last piece has none.
  struct Piece {
    std::string fixed;
    std::string field;
  };
  [[nodiscard]] const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
};

}  // namespace patchbay::webhook
