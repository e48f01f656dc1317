#include "signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "support/base64.h"

namespace patchbay::webhook {

std::string signing_key(const std::string& secret) {
  constexpr std::string_view kPrefix = "whsec_";
  if (!secret.starts_with(kPrefix)) return secret;
  return support::from_base64(std::string_view(secret).substr(kPrefix.size())).value_or(secret);
}

std::string signature_of(std::string_view key, std::string_view id, uint64_t unix_s, std::string_view body) {
  std::string text;
  text.reserve(id.size() + body.size() + 24);
  text.append(id).append(".").append(std::to_string(unix_s)).append(".").append(body);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  if (::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &length) == nullptr)
    return {};
  return "v1," + support::base64(std::string_view(reinterpret_cast<const char*>(digest), length));
}

}  // namespace patchbay::webhook
