#include "net/peer_certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

std::string hex(std::span<const unsigned char> bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xF];
  }
  return text;
}

std::string fingerprint(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return hex({digest.data(), size});
}

std::string serial_number(const X509* certificate) {
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> number(
      ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr), &BN_free);
  if (number == nullptr) return {};
  std::vector<unsigned char> bytes(static_cast<size_t>(BN_num_bytes(number.get())));
  BN_bn2bin(number.get(), bytes.data());
  return hex(bytes);
}

/// "DNS:a.example"; nothing for kinds that are rare, and for texts with a zero byte in them.
std::string general_name(const GENERAL_NAME* name) {
  int kind = 0;
  const void* value = GENERAL_NAME_get0_value(name, &kind);
  const auto* text = static_cast<const ASN1_STRING*>(value);
  if (kind == GEN_IPADD) {
    const int size = ASN1_STRING_length(text);
    if (size != 4 && size != 16) return {};
    char address[INET6_ADDRSTRLEN] = {};
    inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(text), address, sizeof(address));
    return std::string("IP:") + address;
  }
  const char* prefix = kind == GEN_DNS ? "DNS:" : kind == GEN_URI ? "URI:" : kind == GEN_EMAIL ? "email:" : nullptr;
  if (prefix == nullptr) return {};
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                               static_cast<size_t>(ASN1_STRING_length(text)));
  if (bytes.find('\0') != std::string_view::npos) return {};
  return prefix + std::string(bytes);
}

std::vector<std::string> alternative_names(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  std::vector<std::string> texts;
  for (int at = 0; names != nullptr && at < sk_GENERAL_NAME_num(names.get()); ++at) {
    std::string text = general_name(sk_GENERAL_NAME_value(names.get(), at));
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

std::vector<uint8_t> encoded(X509* certificate) {
  const int size = i2d_X509(certificate, nullptr);
  if (size <= 0) return {};
  std::vector<uint8_t> bytes(static_cast<size_t>(size));
  unsigned char* out = bytes.data();
  i2d_X509(certificate, &out);
  return bytes;
}

}  // namespace

session::PeerCertificate describe_certificate(X509* certificate) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  session::PeerCertificate described;
  described.common_name = common_name(subject);
  described.subject = distinguished_name(subject);
  described.fingerprint_sha256 = fingerprint(certificate);
  described.serial = serial_number(certificate);
  described.alternative_names = alternative_names(certificate);
  described.der = encoded(certificate);
  return described;
}

}  // namespace patchbay::net
