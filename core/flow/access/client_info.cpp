#include "access/client_info.h"

#include "access/ip_text.h"
#include "access/permission_set.h"
#include "base/assert.h"

namespace patchbay::access {

ClientInfo::ClientInfo(Key, const ClientInfoFields& fields)
    : peer_port_(fields.peer_port),
      keep_alive_s_(fields.keep_alive_s),
      peer_address_(fields.peer_address),
      listener_id_(fields.listener_id.data()),
      protocol_name_(fields.protocol_name.data()),
      connected_at_unix_ms_(fields.connected_at_unix_ms),
      handle_(fields.handle),
      listener_id_size_(static_cast<uint16_t>(fields.listener_id.size())),
      protocol_name_size_(static_cast<uint16_t>(fields.protocol_name.size())),
      protocol_version_(fields.protocol_version),
      peer_loopback_(fields.peer_loopback),
      listener_loopback_(fields.listener_loopback),
      clean_start_(fields.clean_start),
      is_superuser_(fields.is_superuser),
      is_bridge_(fields.is_bridge) {
  PATCHBAY_ASSERT(fields.listener_id.size() <= UINT16_MAX && fields.protocol_name.size() <= UINT16_MAX);
  const std::string_view parts[kParts] = {fields.client_id, fields.username, fields.identity,
                                          fields.certificate_common_name, fields.certificate_subject};
  size_t size = 0;
  for (const std::string_view text : parts) size += text.size();
  text_ = std::make_unique_for_overwrite<char[]>(size);
  size_t end = 0;
  for (size_t i = 0; i < kParts; ++i) {
    end += parts[i].copy(text_.get() + end, parts[i].size());
    ends_[i] = static_cast<uint32_t>(end);
  }
}

ClientInfo::~ClientInfo() = default;

ClientInfoRef ClientInfo::create(const ClientInfoFields& fields) {
  return std::make_shared<ClientInfo>(Key{}, fields);
}

ClientInfoRef ClientInfo::create(const ClientInfoFields& fields, std::unique_ptr<const PermissionSet> permissions,
                                 ClientAttributes attributes, uint64_t expires_at_unix_ms) {
  auto info = std::make_shared<ClientInfo>(Key{}, fields);
  if (permissions != nullptr || !attributes.empty() || expires_at_unix_ms != 0) {
    info->grants_.reset(new Grants{std::move(permissions), std::move(attributes), expires_at_unix_ms});
  }
  return info;
}

std::string ClientInfo::peer_address_text() const {
  return ip_text(peer_address_);
}

const ClientAttributes& ClientInfo::attributes() const {
  static const ClientAttributes kNone;
  return grants_ == nullptr ? kNone : grants_->attributes;
}

std::optional<std::string_view> ClientInfo::attribute(std::string_view name) const {
  return find_attribute(attributes(), name);
}

ClientInfoFields ClientInfo::fields() const {
  ClientInfoFields fields;
  fields.client_id = client_id();
  fields.username = username();
  fields.identity = identity();
  fields.peer_address = peer_address_;
  fields.peer_port = peer_port_;
  fields.peer_loopback = peer_loopback_;
  fields.listener_id = listener_id();
  fields.listener_loopback = listener_loopback_;
  fields.protocol_name = protocol_name();
  fields.protocol_version = protocol_version_;
  fields.certificate_common_name = certificate_common_name();
  fields.certificate_subject = certificate_subject();
  fields.clean_start = clean_start_;
  fields.keep_alive_s = keep_alive_s_;
  fields.is_superuser = is_superuser_;
  fields.is_bridge = is_bridge_;
  fields.connected_at_unix_ms = connected_at_unix_ms_;
  fields.handle = handle_;
  return fields;
}

}  // namespace patchbay::access
