#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/client_attributes.h"

namespace patchbay::access {

class PermissionSet;

/// What is known of a client, as views: the form in which it is built.
struct ClientInfoFields {
  std::string_view client_id;
  std::string_view username;               ///< as sent, or taken from the certificate; not verified by itself
  std::string_view identity;               ///< who it is, as an authenticator said; empty: anonymous
  std::array<uint8_t, 16> peer_address{};  ///< IPv6, or IPv4 mapped, network order
  uint16_t peer_port = 0;
  bool peer_loopback = false;
  std::string_view listener_id;             ///< "tcp:default"; must outlive the client (the listener does)
  bool listener_loopback = false;           ///< the listener is bound to a loopback address only
  std::string_view protocol_name = "MQTT";  ///< must outlive the client (a literal)
  uint8_t protocol_version = 0;             ///< MQTT: 3, 4 or 5
  std::string_view certificate_common_name;
  std::string_view certificate_subject;
  bool clean_start = false;
  bool is_bridge = false;  ///< says of itself that it is one
  uint16_t keep_alive_s = 0;
  bool is_superuser = false;
  uint64_t connected_at_unix_ms = 0;
  uint64_t handle = 0;  ///< the session's SubscriberHandle value; 0 until there is one
};

class ClientInfo;
using ClientInfoRef = std::shared_ptr<const ClientInfo>;

/// What is known of a connected client: constant, shared with hooks and observers on any thread; who sees one in an
/// event and needs it longer takes shared_from_this(). To change it, build a
/// new one from fields(). [any-thread]
class ClientInfo : public std::enable_shared_from_this<ClientInfo> {
 public:
  [[nodiscard]] static ClientInfoRef create(const ClientInfoFields& fields);
  /// With what authentication brought.
  [[nodiscard]] static ClientInfoRef create(const ClientInfoFields& fields,
                                            std::unique_ptr<const PermissionSet> permissions,
                                            ClientAttributes attributes, uint64_t expires_at_unix_ms);
  ClientInfo(const ClientInfo&) = delete;
  ClientInfo& operator=(const ClientInfo&) = delete;
  ~ClientInfo();

  [[nodiscard]] std::string_view client_id() const { return part(0); }
  [[nodiscard]] std::string_view username() const { return part(1); }
  [[nodiscard]] std::string_view identity() const { return part(2); }
  [[nodiscard]] std::string_view certificate_common_name() const { return part(3); }
  [[nodiscard]] std::string_view certificate_subject() const { return part(4); }
  [[nodiscard]] std::span<const uint8_t, 16> peer_address() const { return peer_address_; }
  [[nodiscard]] std::string peer_address_text() const;  ///< "127.0.0.1" or "2001:db8::1"
  [[nodiscard]] uint16_t peer_port() const { return peer_port_; }
  [[nodiscard]] bool peer_loopback() const { return peer_loopback_; }
  [[nodiscard]] std::string_view listener_id() const { return {listener_id_, listener_id_size_}; }
  [[nodiscard]] bool listener_loopback() const { return listener_loopback_; }
  [[nodiscard]] std::string_view protocol_name() const { return {protocol_name_, protocol_name_size_}; }
  [[nodiscard]] uint8_t protocol_version() const { return protocol_version_; }
  [[nodiscard]] bool clean_start() const { return clean_start_; }
  [[nodiscard]] bool is_bridge() const { return is_bridge_; }
  [[nodiscard]] uint16_t keep_alive_s() const { return keep_alive_s_; }
  [[nodiscard]] bool is_superuser() const { return is_superuser_; }
  [[nodiscard]] uint64_t connected_at_unix_ms() const { return connected_at_unix_ms_; }
  [[nodiscard]] uint64_t handle() const { return handle_; }
  /// Null: the client has no permissions of its own; authorizers are asked.
  [[nodiscard]] const PermissionSet* permissions() const {
    return grants_ == nullptr ? nullptr : grants_->permissions.get();
  }
  [[nodiscard]] const ClientAttributes& attributes() const;
  [[nodiscard]] std::optional<std::string_view> attribute(std::string_view name) const;
  /// When the credentials end and the client must go; 0: never.
  [[nodiscard]] uint64_t expires_at_unix_ms() const { return grants_ == nullptr ? 0 : grants_->expires_at_unix_ms; }

  /// Views of everything but permissions and attributes; valid while this lives.
  [[nodiscard]] ClientInfoFields fields() const;

 private:
  static constexpr size_t kParts = 5;
  /// What only clients that were authenticated with more than an identity have.
  struct Grants {
    std::unique_ptr<const PermissionSet> permissions;
    ClientAttributes attributes;
    uint64_t expires_at_unix_ms = 0;
  };
  struct Key {};  // keeps the constructor to create(), although make_shared calls it

 public:
  ClientInfo(Key, const ClientInfoFields& fields);

 private:
  [[nodiscard]] std::string_view part(size_t index) const {
    const size_t begin = index == 0 ? 0 : ends_[index - 1];
    return {text_.get() + begin, ends_[index] - begin};
  }

  // A million clients are kept: all texts are in one block, and what few of them have is apart.
  std::unique_ptr<char[]> text_;
  std::unique_ptr<const Grants> grants_;
  std::array<uint32_t, kParts> ends_{};
  uint16_t peer_port_;
  uint16_t keep_alive_s_;
  std::array<uint8_t, 16> peer_address_;
  // Views, in two bytes of length each: with its counts this is a block of 128 bytes, and not of 160.
  const char* listener_id_;
  const char* protocol_name_;
  uint64_t connected_at_unix_ms_;
  uint64_t handle_;
  uint16_t listener_id_size_;
  uint16_t protocol_name_size_;
  uint8_t protocol_version_;
  bool peer_loopback_ : 1;
  bool listener_loopback_ : 1;
  bool clean_start_ : 1;
  bool is_superuser_ : 1;
  bool is_bridge_ : 1;
};

}  // namespace patchbay::access
