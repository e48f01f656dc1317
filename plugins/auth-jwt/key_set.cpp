#include "key_set.h"

namespace patchbay::auth_jwt {

KeySet::Candidates KeySet::candidates(Algorithm algorithm, std::optional<std::string_view> key_id) const {
  Candidates found;
  const bool by_id = key_id.has_value() && !ignores_key_id_;
  for (const VerificationKey& key : keys_) {
    if (!key.fits(algorithm) || (by_id && key.key_id() != *key_id)) continue;
    if (found.count == kMaximumTries) return {};
    found.keys[found.count++] = &key;
  }
  return found;
}

}  // namespace patchbay::auth_jwt
