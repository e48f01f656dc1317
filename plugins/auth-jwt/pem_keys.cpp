#include <openssl/err.h>
#include <openssl/pem.h>

#include "key_set.h"
#include "openssl_handles.h"

namespace patchbay::auth_jwt {

namespace {

/// One block of a PEM file, freed with OpenSSL's own function.
struct PemBlock {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long length = 0;

  PemBlock() = default;
  PemBlock(const PemBlock&) = delete;
  PemBlock& operator=(const PemBlock&) = delete;
  ~PemBlock() {
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_clear_free(data, static_cast<size_t>(length));
  }
  [[nodiscard]] bool read(BIO* from) { return PEM_read_bio(from, &name, &header, &data, &length) == 1; }
};

PublicKey key_of(const PemBlock& block) {
  const unsigned char* at = block.data;
  const std::string_view name = block.name;
  if (name == PEM_STRING_PUBLIC) return PublicKey(d2i_PUBKEY(nullptr, &at, block.length));
  if (name == PEM_STRING_RSA_PUBLIC) return PublicKey(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &at, block.length));
  const X509Certificate certificate(d2i_X509(nullptr, &at, block.length));
  return PublicKey(certificate ? X509_get_pubkey(certificate.get()) : nullptr);
}

bool is_public(std::string_view name) {
  return name == PEM_STRING_PUBLIC || name == PEM_STRING_RSA_PUBLIC || name == PEM_STRING_X509;
}

/// Empty: the block's key is in the set now.
std::string add_block(const PemBlock& block, KeySet& into) {
  const std::string_view name = block.name;
  if (name.find("PRIVATE KEY") != std::string_view::npos)
    return "there is a private key in it, which must stay with who signs";
  if (!is_public(name)) return "there is a block of another kind in it than public keys and certificates";
  const PublicKey key = key_of(block);
  if (!key) return "a key in it can't be read";
  std::string problem;
  auto made = VerificationKey::from_public_key(key, problem);
  if (!made) return "there is " + problem;
  into.add(std::move(*made));
  return into.size() > KeySet::kMaximumKeys ? "there are more than 100 keys in it" : std::string();
}

}  // namespace

ReadKeys read_pem(std::string_view text) {
  const Bio source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  auto keys = std::make_shared<KeySet>();
  keys->ignore_key_ids();
  for (;;) {
    PemBlock block;
    if (!source || !block.read(source.get())) break;
    std::string problem = add_block(block, *keys);
    ERR_clear_error();
    if (!problem.empty()) return {nullptr, std::move(problem)};
  }
  ERR_clear_error();
  if (keys->size() == 0) return {nullptr, "there is no PEM block with a public key or a certificate in it"};
  return {std::move(keys), {}};
}

}  // namespace patchbay::auth_jwt
