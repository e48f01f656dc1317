#include "package/sha256.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/assert.h"

namespace patchbay::package {

namespace {

/// Found once: each look-up by EVP_sha256() costs more than the hash of a short text.
const EVP_MD* sha256() {
  static EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  return found;
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  PATCHBAY_ASSERT(state_->context != nullptr && EVP_DigestInit_ex(state_->context, sha256(), nullptr) == 1);
}

Sha256::~Sha256() = default;

void Sha256::add(const void* bytes, size_t size) {
  PATCHBAY_ASSERT(EVP_DigestUpdate(state_->context, bytes, size) == 1);
}

std::string Sha256::finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  PATCHBAY_ASSERT(EVP_DigestFinal_ex(state_->context, digest, &size) == 1);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(size_t{size} * 2, '0');
  for (size_t index = 0; index < size; ++index) {
    text[2 * index] = kDigits[digest[index] >> 4];
    text[2 * index + 1] = kDigits[digest[index] & 15];
  }
  return text;
}

bool is_sha256_text(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char byte) {
           return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
         });
}

}  // namespace patchbay::package
