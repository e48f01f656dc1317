#include <optional>

#include "config/bind_address.h"
#include "config/config_check.h"
#include "config/config_keys.h"
#include "config/toml_string.h"

namespace patchbay::config {

namespace {

constexpr std::string_view kBindForm = "\"127.0.0.1:1883\", \"0.0.0.0:1883\", \"[::]:1883\", or \"\" for off";

struct OpenBind {
  std::string key;
  BindAddress address;
  bool datagrams;  ///< ports of UDP are others than those of TCP
};

/// One listener, checked rule by rule.
class ListenerCheck {
 public:
  ListenerCheck(const LoadedConfig& loaded, const CheckContext& context, std::vector<ConfigProblem>& problems)
      : loaded_(loaded), context_(context), problems_(problems) {}

  void check(ListenerType type, const std::string& name, const ListenerConfig& listener) {
    prefix_ = "listeners." + std::string(listener_type_name(type)) + '.' + name + '.';
    if (listener.bind.empty()) {
      if (name != "default" && !loaded_.is_given(prefix_ + "bind")) add("bind", "missing", std::string(kBindForm));
      return;
    }
    if (!listener.enable) {
      if (!parse_bind_address(listener.bind))
        add("bind", "found " + toml_string(listener.bind), std::string(kBindForm));
      return;
    }
    const bool datagrams = type == ListenerType::udp || type == ListenerType::dtls;
    check_bind(prefix_ + "bind", listener.bind, datagrams);
    if (datagrams && listener.protocol == "mqtt")
      add("protocol", "found \"mqtt\"", "the id of a plugin's protocol, since MQTT needs a stream");
    check_anonymous(listener);
    if (type == ListenerType::ssl || type == ListenerType::wss || type == ListenerType::dtls) check_tls(listener);
    if (type == ListenerType::dtls && listener.ssl.min_version == TlsVersion::v1_3)
      add("ssl.min_version", "found \"1.3\"", "\"1.2\", since OpenSSL's DTLS ends there");
    if (type == ListenerType::ws || type == ListenerType::wss) check_websocket(listener.websocket);
  }

  void check_bind(const std::string& key, const std::string& bind, bool datagrams = false) {
    const std::optional<BindAddress> address = parse_bind_address(bind);
    if (!address) {
      problems_.push_back({key, loaded_.where(key), "found " + toml_string(bind), std::string(kBindForm)});
      return;
    }
    for (const OpenBind& other : open_) {
      if (other.datagrams != datagrams || !overlap(*address, other.address)) continue;
      problems_.push_back({key, loaded_.where(key),
                           "found " + toml_string(bind) + ", which " + other.key + " takes already",
                           "an address and port of its own"});
    }
    open_.push_back({key, *address, datagrams});
  }

 private:
  void add(const std::string& key, std::string found, std::string allowed) {
    problems_.push_back({prefix_ + key, loaded_.where(prefix_ + key), std::move(found), std::move(allowed)});
  }

  void check_anonymous(const ListenerConfig& listener) {
    const std::optional<BindAddress> address = parse_bind_address(listener.bind);
    if (!address || address->is_loopback() || context_.has_authenticator) return;
    if (loaded_.config.access.allow_anonymous != AllowAnonymous::auto_) return;
    add("bind",
        "found " + toml_string(listener.bind) + ", which is reachable from outside, and no authenticator is enabled",
        "a loopback address, an authenticator, or this line for clients without one: access.allow_anonymous = true");
  }

  void check_file(const std::string& key, const std::string& path) {
    if (path.empty() || !context_.can_read || context_.can_read(path)) return;
    add(key, "found " + toml_string(path) + ", which cannot be read", "a file that this process can read");
  }

  void check_tls(const ListenerConfig& listener) {
    const TlsConfig& tls = listener.ssl;
    if (tls.certfile.empty()) add("ssl.certfile", "missing", "a PEM file with the certificate and its chain");
    if (tls.keyfile.empty()) add("ssl.keyfile", "missing", "a PEM file with the private key");
    check_file("ssl.certfile", tls.certfile);
    check_file("ssl.keyfile", tls.keyfile);
    check_file("ssl.cacertfile", tls.cacertfile);
    for (const SniConfig& sni : tls.sni) {
      check_file("ssl.sni", sni.certfile);
      check_file("ssl.sni", sni.keyfile);
    }
    check_verification(listener);
  }

  void check_verification(const ListenerConfig& listener) {
    const TlsConfig& tls = listener.ssl;
    const bool verifies = tls.verify == TlsVerify::peer;
    const std::string verify_line = prefix_ + "ssl.verify = \"peer\"";
    if (verifies && tls.cacertfile.empty()) {
      add("ssl.cacertfile", "missing", "a PEM file of authorities, since ssl.verify is \"peer\"");
    }
    if (!verifies && tls.fail_if_no_peer_cert)
      add("ssl.fail_if_no_peer_cert", "found true", "only with " + verify_line);
    // A certificate that nobody verified must never say who a client is.
    if (!verifies && listener.peer_cert_as_username != CertificateIdentity::disabled) {
      add("peer_cert_as_username", "found a value other than disabled", "only with " + verify_line);
    }
    if (!verifies && listener.peer_cert_as_clientid != CertificateIdentity::disabled) {
      add("peer_cert_as_clientid", "found a value other than disabled", "only with " + verify_line);
    }
  }

  void check_websocket(const WebsocketConfig& websocket) {
    if (websocket.path.front() != '/')
      add("websocket.path", "found " + toml_string(websocket.path), "a path that starts with /");
    if (websocket.check_origin && websocket.origins.empty()) {
      add("websocket.origins", "found an empty list", "at least one origin, since websocket.check_origin is true");
    }
    if (websocket.fail_if_no_subprotocol && websocket.subprotocols.empty()) {
      add("websocket.subprotocols", "found an empty list",
          "at least one, since websocket.fail_if_no_subprotocol is true");
    }
  }

  const LoadedConfig& loaded_;
  const CheckContext& context_;
  std::vector<ConfigProblem>& problems_;
  std::vector<OpenBind> open_;
  std::string prefix_;
};

}  // namespace

void check_listeners(const LoadedConfig& loaded, const CheckContext& context, std::vector<ConfigProblem>& problems) {
  ListenerCheck check(loaded, context, problems);
  for (const ListenerType type : kListenerTypes) {
    for (const auto& [name, listener] : listener_map(loaded.config.listeners, type)) check.check(type, name, listener);
  }
  if (!loaded.config.api.bind.empty()) check.check_bind("api.bind", loaded.config.api.bind);
}

}  // namespace patchbay::config
