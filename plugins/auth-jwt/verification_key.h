#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "algorithm.h"
#include "openssl_handles.h"

namespace patchbay::auth_jwt {

/// RFC 7518, 3.3 and 3.5: "A key of size 2048 bits or larger MUST be used". The upper limit bounds what one login
/// costs.
inline constexpr int kMinimumRsaBits = 2048;
inline constexpr int kMaximumRsaBits = 8192;

/// A key that signatures are checked with. It is of one kind for ever, and only algorithms of that kind fit. Constant;
/// several threads may use one at the same time. [any-thread]
class VerificationKey {
 public:
  /// For HMAC. The secret is wiped when the key goes.
  [[nodiscard]] static VerificationKey from_secret(std::string secret);
  /// Uses `key`, which stays the caller's too. Nothing where the key is of a kind, curve or size that no algorithm
  /// has; `problem` says so.
  [[nodiscard]] static std::optional<VerificationKey> from_public_key(const PublicKey& key, std::string& problem);

  VerificationKey(VerificationKey&& other) noexcept = default;
  VerificationKey& operator=(VerificationKey&& other) noexcept = default;
  ~VerificationKey();

  [[nodiscard]] KeyType type() const { return type_; }
  [[nodiscard]] bool fits(Algorithm algorithm) const {
    return facts_of(algorithm).key_type == type_ && (!only_ || *only_ == algorithm);
  }
  /// RFC 7517, 4.5; empty: none.
  [[nodiscard]] const std::string& key_id() const { return key_id_; }
  void set_key_id(std::string_view key_id) { key_id_ = key_id; }
  /// RFC 7517, 4.4: a key that names its algorithm fits no other.
  void restrict_to(Algorithm algorithm) { only_ = algorithm; }

  /// Whether `signature` is this key's for `signed_text`, by an algorithm that fits; false for one that doesn't.
  [[nodiscard]] bool verifies(Algorithm algorithm, std::string_view signed_text, std::string_view signature) const;

 private:
  explicit VerificationKey(KeyType type) : type_(type) {}
  [[nodiscard]] bool hmac_verifies(const AlgorithmFacts& facts, std::string_view text, std::string_view tag) const;
  [[nodiscard]] bool digest_verifies(Algorithm algorithm, std::string_view text, std::string_view bytes) const;
  [[nodiscard]] bool prepare(const PublicKey& key);

  KeyType type_;
  std::optional<Algorithm> only_;
  std::string key_id_;
  std::string secret_;
  /// Ready to verify, by algorithm; null for those of other keys. Copied for each signature, never used itself: to set
  /// one up costs several times what a copy does.
  std::array<DigestContext, kAlgorithmCount> prepared_;
};

}  // namespace patchbay::auth_jwt
