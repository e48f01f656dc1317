#include "compact_token.h"

#include <nlohmann/json.hpp>

#include "base64url.h"
#include "json_document.h"

namespace patchbay::auth_jwt {

namespace {

bool read_header(std::string_view encoded, CompactToken& into) {
  const auto text = from_base64url(encoded);
  const auto header = text ? parse_object(*text) : std::nullopt;
  if (!header || member(*header, "crit") != nullptr) return false;
  const auto algorithm = text_member(*header, "alg");
  if (!algorithm) return false;
  into.algorithm = *algorithm;
  if (member(*header, "kid") == nullptr) return true;
  const auto key_id = text_member(*header, "kid");
  if (!key_id || key_id->size() > kMaximumKeyIdBytes) return false;
  into.key_id = std::string(*key_id);
  return true;
}

}  // namespace

std::optional<CompactToken> read_compact_token(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  CompactToken made;
  made.signed_text = token.substr(0, second);
  made.payload = token.substr(first + 1, second - first - 1);
  auto signature = from_base64url(token.substr(second + 1));
  if (!signature || !read_header(token.substr(0, first), made)) return std::nullopt;
  made.signature = std::move(*signature);
  return made;
}

}  // namespace patchbay::auth_jwt
