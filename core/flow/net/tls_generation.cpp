#include "net/tls_generation.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "net/alpn_listener.h"
#include "net/dtls_link.h"

namespace patchbay::net {

namespace {

using Outcome = base::Result<bool, std::string>;

constexpr const char* kDefaultCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kPskCiphers =
    "ECDHE-PSK-CHACHA20-POLY1305:PSK-AES256-GCM-SHA384:PSK-AES128-GCM-SHA256:PSK-CHACHA20-POLY1305";
constexpr unsigned char kSessionContext[] = "patchbay";

/// "certificate_file /etc/x.pem: no start line".
Outcome failed(const std::string& what) {
  const unsigned long code = ERR_peek_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  std::string text = what;
  if (reason != nullptr) text.append(": ").append(reason);
  ERR_clear_error();
  return base::fail(text);
}

void warn_if_readable(const std::string& key_file) {
  struct stat status = {};
  if (stat(key_file.c_str(), &status) != 0 || (status.st_mode & (S_IRWXG | S_IRWXO)) == 0) return;
  base::log(base::LogArea::net, base::LogLevel::warning, "key file is open to other users; use mode 0600",
            {{"key_file", key_file}});
}

Outcome set_version(SSL_CTX* context, const TlsOptions& options) {
  const bool only_13 = options.minimum_version == "tlsv1.3";
  if (!only_13 && options.minimum_version != "tlsv1.2") return failed("minimum_version " + options.minimum_version);
  if (options.transport == TlsTransport::stream) {
    SSL_CTX_set_min_proto_version(context, only_13 ? TLS1_3_VERSION : TLS1_2_VERSION);
    return true;
  }
  if (only_13) return base::fail(std::string("minimum_version tlsv1.3: OpenSSL's DTLS ends at 1.2"));
  SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
  use_cookies(*context);
  return true;
}

Outcome set_protocol(SSL_CTX* context, const TlsOptions& options) {
  if (auto set = set_version(context, options); !set) return set;
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                   SSL_OP_IGNORE_UNEXPECTED_EOF);
  // An idle connection keeps no record buffers; output that could not leave may lie elsewhere when it is tried again.
  SSL_CTX_set_mode(context,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1);
  const std::string ciphers = options.ciphers.empty() ? kDefaultCiphers : options.ciphers;
  if (SSL_CTX_set_cipher_list(context, ciphers.c_str()) != 1) return failed("ciphers " + ciphers);
  if (!options.ciphersuites.empty() && SSL_CTX_set_ciphersuites(context, options.ciphersuites.c_str()) != 1) {
    return failed("ciphersuites " + options.ciphersuites);
  }
  return true;
}

/// Without a password an encrypted key file is refused; OpenSSL's own callback would ask at the terminal.
int give_password(char* into, int size, int, void* password) {
  const std::string_view text = password == nullptr ? "" : static_cast<const char*>(password);
  if (text.empty() || text.size() > static_cast<size_t>(size)) return -1;
  std::copy(text.begin(), text.end(), into);
  return static_cast<int>(text.size());
}

Outcome set_identity(SSL_CTX* context, const TlsServerName& identity, const std::string& key_password) {
  if (SSL_CTX_use_certificate_chain_file(context, identity.certificate_file.c_str()) != 1) {
    return failed("certificate_file " + identity.certificate_file);
  }
  SSL_CTX_set_default_passwd_cb(context, &give_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<char*>(key_password.c_str()));
  const int key_read = SSL_CTX_use_PrivateKey_file(context, identity.key_file.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);  // it lives no longer than this call
  if (key_read != 1) return failed("key_file " + identity.key_file);
  if (SSL_CTX_check_private_key(context) != 1)
    return failed("key_file " + identity.key_file + ": is of another certificate");
  warn_if_readable(identity.key_file);
  return true;
}

Outcome set_revocation(SSL_CTX* context, const std::string& crl_file) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (lookup == nullptr || X509_load_crl_file(lookup, crl_file.c_str(), X509_FILETYPE_PEM) < 1) {
    return failed("crl_file " + crl_file);
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return true;
}

Outcome set_client_verification(SSL_CTX* context, const TlsOptions& options) {
  if (!options.ca_file.empty()) {
    const char* file = options.ca_file.c_str();
    if (SSL_CTX_load_verify_locations(context, file, nullptr) != 1) return failed("ca_file " + options.ca_file);
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file));
  }
  if (!options.crl_file.empty()) {
    if (auto revocation = set_revocation(context, options.crl_file); !revocation) return revocation;
  }
  if (!options.verify_peer) return true;
  if (options.ca_file.empty()) return base::fail(std::string("verify_peer needs ca_file"));
  const int insist = options.fail_if_no_peer_cert ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | insist, nullptr);
  return true;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [lower](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

bool server_name_matches(std::string_view pattern, std::string_view name) {
  if (!pattern.starts_with("*.")) return equal_ignoring_case(pattern, name);
  const size_t dot = name.find('.');
  return dot != std::string_view::npos && dot != 0 && equal_ignoring_case(pattern.substr(1), name.substr(dot));
}

SSL_CTX* TlsGeneration::select(std::string_view server_name) const {
  const auto fits = [server_name](const Named& named) { return server_name_matches(named.name, server_name); };
  const auto found = std::find_if(contexts_.begin() + 1, contexts_.end(), fits);
  return found == contexts_.end() ? default_context() : found->context.get();
}

std::string TlsGeneration::ciphers_with_psk(const TlsOptions& options) {
  return (options.ciphers.empty() ? kDefaultCiphers : options.ciphers) + ":" + kPskCiphers;
}

int TlsGeneration::choose_alpn(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                               const unsigned char* offered, unsigned offered_size, void*) {
  const auto& listener = *static_cast<const AlpnListener*>(SSL_get_app_data(ssl));
  for (unsigned at = 0; at < offered_size; at += 1u + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (!listener.speaks(name)) continue;
    *chosen = offered + at + 1;
    *chosen_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  // Names that nobody here knows are no reason to refuse: the client may speak MQTT all the same.
  return SSL_TLSEXT_ERR_NOACK;
}

int TlsGeneration::choose_by_name(SSL* ssl, int*, void* generation) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, static_cast<const TlsGeneration*>(generation)->select(name));
  return SSL_TLSEXT_ERR_OK;
}

base::Result<bool, std::string> TlsGeneration::add(const TlsOptions& options, const TlsServerName& identity) {
  ERR_clear_error();
  const bool datagrams = options.transport == TlsTransport::datagrams;
  Context context(SSL_CTX_new(datagrams ? DTLS_server_method() : TLS_server_method()));
  if (context == nullptr) return failed("TLS is not available");
  if (auto set = set_protocol(context.get(), options); !set) return set;
  if (auto set = set_identity(context.get(), identity, options.key_password); !set) return set;
  if (auto set = set_client_verification(context.get(), options); !set) return set;
  SSL_CTX_set_tlsext_servername_callback(context.get(), &TlsGeneration::choose_by_name);
  SSL_CTX_set_tlsext_servername_arg(context.get(), this);
  SSL_CTX_set_alpn_select_cb(context.get(), &TlsGeneration::choose_alpn, nullptr);
  contexts_.push_back({identity.name, std::move(context)});
  return true;
}

base::Result<std::shared_ptr<const TlsGeneration>, std::string> TlsGeneration::load(const TlsOptions& options) {
  auto generation = std::make_shared<TlsGeneration>();
  auto added = generation->add(options, {"", options.certificate_file, options.key_file});
  if (!added) return base::fail(added.error());
  for (const TlsServerName& identity : options.server_names) {
    if (auto more = generation->add(options, identity); !more) return base::fail(more.error());
  }
  return std::shared_ptr<const TlsGeneration>(std::move(generation));
}

}  // namespace patchbay::net
