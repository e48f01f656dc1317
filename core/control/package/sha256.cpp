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

class Context {
 public:
  Context() { PATCHBAY_ASSERT(context_ != nullptr); }
  ~Context() { EVP_MD_CTX_free(context_); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void begin() { PATCHBAY_ASSERT(EVP_DigestInit_ex(context_, sha256(), nullptr) == 1); }
  void add(const void* bytes, size_t size) { PATCHBAY_ASSERT(EVP_DigestUpdate(context_, bytes, size) == 1); }
  [[nodiscard]] std::string finish();

 private:
  EVP_MD_CTX* const context_ = EVP_MD_CTX_new();
};

std::string Context::finish() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  PATCHBAY_ASSERT(EVP_DigestFinal_ex(context_, digest, &size) == 1);
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text(size_t{size} * 2, '0');
  for (size_t index = 0; index < size; ++index) {
    text[2 * index] = kDigits[digest[index] >> 4];
    text[2 * index + 1] = kDigits[digest[index] & 15];
  }
  return text;
}

}  // namespace

struct Sha256::State {
  Context context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  state_->context.begin();
}

Sha256::~Sha256() = default;

void Sha256::add(const void* bytes, size_t size) {
  state_->context.add(bytes, size);
}

std::string Sha256::finish() {
  return state_->context.finish();
}

// A context takes more to make than a short text to hash. What it holds of the text is wiped by the end of each hash.
std::string sha256_text(std::string_view text) {
  thread_local Context context;
  context.begin();
  context.add(text.data(), text.size());
  return context.finish();
}

bool is_sha256_text(std::string_view text) {
  return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char byte) {
           return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
         });
}

}  // namespace patchbay::package
