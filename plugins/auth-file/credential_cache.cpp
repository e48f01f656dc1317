#include "credential_cache.h"

#include <openssl/crypto.h>

#include "scram_hash.h"

namespace patchbay::auth_file {

CredentialCache::Key credential_key(std::string_view secret, std::string_view user_id, std::string_view password,
                                    std::string_view password_hash) {
  // The lengths in front keep one user's name and password from being another's.
  std::string text = std::to_string(user_id.size()) + ":" + std::to_string(password.size()) + ":";
  text.reserve(text.size() + user_id.size() + password.size() + password_hash.size());
  text.append(user_id).append(password).append(password_hash);
  const std::string hash = scram_hmac(ScramHash::sha256, secret, text);
  OPENSSL_cleanse(text.data(), text.size());
  CredentialCache::Key key{};
  std::memcpy(key.data(), hash.data(), key.size());
  return key;
}

}  // namespace patchbay::auth_file
