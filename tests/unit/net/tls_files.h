#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

namespace patchbay::net {

/// A certificate authority with its files in a directory of its own, gone with the object.
class TlsFiles {
 public:
  TlsFiles() {
    char name[] = "/tmp/patchbay_tls_XXXXXX";
    REQUIRE(mkdtemp(name) != nullptr);
    directory_ = name;
    authority_key_.reset(EVP_EC_gen("P-256"));
    authority_ = make("authority", authority_key_.get());
    write_certificate("authority", authority_.get());
  }
  ~TlsFiles() { std::filesystem::remove_all(directory_); }
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return directory_ + "/" + name; }
  [[nodiscard]] std::string authority() const { return path("authority.pem"); }

  /// Writes <file>.pem and <file>.key with this common name, signed by the authority; the key encrypted if there is a
  /// password. `alternative_names` as "DNS:a.example,IP:192.0.2.1".
  void issue(const std::string& file, const std::string& common_name, const std::string& password = "",
             const std::string& alternative_names = "") {
    const Key key(EVP_EC_gen("P-256"));
    const Certificate certificate = make(common_name, key.get(), alternative_names);
    write_certificate(file, certificate.get());
    const File out(fopen(path(file + ".key").c_str(), "w"), &fclose);
    PEM_write_PrivateKey(out.get(), key.get(), password.empty() ? nullptr : EVP_aes_256_cbc(),
                         reinterpret_cast<const unsigned char*>(password.data()), static_cast<int>(password.size()),
                         nullptr, nullptr);
    chmod(path(file + ".key").c_str(), 0600);
  }
  /// Writes a list of revoked certificates that names <file>.pem.
  void revoke(const std::string& file, const std::string& crl_file) {
    const File in(fopen(path(file + ".pem").c_str(), "r"), &fclose);
    const Certificate certificate(PEM_read_X509(in.get(), nullptr, nullptr, nullptr));
    const std::unique_ptr<X509_CRL, void (*)(X509_CRL*)> crl(X509_CRL_new(), &X509_CRL_free);
    X509_CRL_set_version(crl.get(), 1);
    X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(authority_.get()));
    const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> now(X509_gmtime_adj(nullptr, -60), &ASN1_TIME_free);
    const std::unique_ptr<ASN1_TIME, void (*)(ASN1_TIME*)> later(X509_gmtime_adj(nullptr, 86400), &ASN1_TIME_free);
    X509_CRL_set1_lastUpdate(crl.get(), now.get());
    X509_CRL_set1_nextUpdate(crl.get(), later.get());
    X509_REVOKED* revoked = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(certificate.get()));
    X509_REVOKED_set_revocationDate(revoked, now.get());
    X509_CRL_add0_revoked(crl.get(), revoked);
    X509_CRL_sign(crl.get(), authority_key_.get(), EVP_sha256());
    const File out(fopen(path(crl_file).c_str(), "w"), &fclose);
    PEM_write_X509_CRL(out.get(), crl.get());
  }
  void write_text(const std::string& file, const std::string& text) const {
    const File out(fopen(path(file).c_str(), "w"), &fclose);
    fputs(text.c_str(), out.get());
  }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  using Key = std::unique_ptr<EVP_PKEY, Free>;
  using Certificate = std::unique_ptr<X509, Free>;
  using File = std::unique_ptr<FILE, int (*)(FILE*)>;

  static void set_name(X509_NAME* name, const std::string& text) {
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1,
                               0);
  }
  Certificate make(const std::string& common_name, EVP_PKEY* key, const std::string& alternative_names = "") {
    Certificate certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86400);
    X509_set_pubkey(certificate.get(), key);
    set_name(X509_get_subject_name(certificate.get()), common_name);
    set_name(X509_get_issuer_name(certificate.get()), "authority");
    if (key == authority_key_.get()) {
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_basic_constraints, "critical,CA:TRUE");
      X509_add_ext(certificate.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
    if (!alternative_names.empty()) {
      X509_EXTENSION* extension =
          X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative_names.c_str());
      X509_add_ext(certificate.get(), extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(certificate.get(), authority_key_.get(), EVP_sha256());
    return certificate;
  }
  void write_certificate(const std::string& file, X509* certificate) const {
    const File out(fopen(path(file + ".pem").c_str(), "w"), &fclose);
    PEM_write_X509(out.get(), certificate);
  }

  std::string directory_;
  long serial_ = 0;
  Key authority_key_;
  Certificate authority_;
};

}  // namespace patchbay::net
