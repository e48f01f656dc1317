#include "net/peer_certificate.h"

#include <openssl/bio.h>
#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>

namespace patchbay::net {

namespace {

std::string common_name(X509_NAME* subject) {
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<size_t>(size));
  OPENSSL_free(text);
  // Someone who signs "admin\0.attacker.example" must not make an "admin".
  return name.find('\0') == std::string::npos ? name : std::string();
}

std::string distinguished_name(X509_NAME* subject) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), subject, 0, XN_FLAG_RFC2253) < 0) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(size)};
}

std::string fingerprint(X509* certificate) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  std::string text;
  for (unsigned at = 0; at < size; ++at) {
    text += kDigits[digest[at] >> 4];
    text += kDigits[digest[at] & 0xF];
  }
  return text;
}

}  // namespace

session::PeerCertificate describe_certificate(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  return {common_name(subject), distinguished_name(subject), fingerprint(certificate)};
}

}  // namespace patchbay::net
