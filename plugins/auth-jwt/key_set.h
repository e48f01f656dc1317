#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "verification_key.h"

namespace patchbay::auth_jwt {

/// The keys in force. Constant once shared. [any-thread]
class KeySet {
 public:
  /// Keys beyond are refused with the whole set.
  static constexpr size_t kMaximumKeys = 100;
  /// How many keys are tried for one token; bounds what a token without "kid" costs.
  static constexpr size_t kMaximumTries = 4;

  void add(VerificationKey key) { keys_.push_back(std::move(key)); }
  [[nodiscard]] size_t size() const { return keys_.size(); }
  [[nodiscard]] const std::vector<VerificationKey>& keys() const { return keys_; }

  struct Candidates {
    std::array<const VerificationKey*, kMaximumTries> keys{};
    size_t count = 0;
  };
  /// The keys that may have signed a token with this algorithm and "kid". A "kid" is compared byte by byte and used for
  /// nothing else (RFC 7515, 4.1.4). One that no key has gives none, unless `ignores_key_id`; none gives all that fit,
  /// or nothing where they are more than kMaximumTries.
  [[nodiscard]] Candidates candidates(Algorithm algorithm, std::optional<std::string_view> key_id) const;
  /// For keys that an operator wrote down: they have no ids, whatever a token says.
  void ignore_key_ids() { ignores_key_id_ = true; }

 private:
  std::vector<VerificationKey> keys_;
  bool ignores_key_id_ = false;
};

/// What was read, or why nothing was: `keys` is null then.
struct ReadKeys {
  std::shared_ptr<const KeySet> keys;
  std::string problem;
  size_t skipped = 0;  ///< keys that are not for signatures, or of kinds that we don't know (RFC 7517, section 5)
};

/// A JWK set (RFC 7517, section 5). Symmetric keys in it are skipped: a set that anybody may read has no secrets. A set
/// without any usable key is a problem. [any-thread]
[[nodiscard]] ReadKeys read_jwks(std::string_view text);
/// Public keys and certificates, one or several. A private key is a problem: it should not be here. [any-thread]
[[nodiscard]] ReadKeys read_pem(std::string_view text);

}  // namespace patchbay::auth_jwt
