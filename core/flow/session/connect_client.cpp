#include "session/connect_client.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>

#include "base/random.h"
#include "distribution/fan_out.h"
#include "session/mqtt_progress.h"
#include "session/session_registry.h"
#include "topic/topic_name.h"

namespace patchbay::session {

using mqtt::PropertyId;
using mqtt::ProtocolVersion;
using mqtt::Qos;
using mqtt::ReasonCode;

ConnectProblem connect_problem(const mqtt::Connect& connect, const SessionLimits& limits) {
  if (connect.properties.user_property_count > limits.maximum_user_properties)
    return {ReasonCode::quota_exceeded, "mqtt.max_user_properties"};
  if (!connect.has_will) return {};
  const mqtt::Will& will = connect.will;
  if (will.qos > limits.maximum_qos) return {ReasonCode::qos_not_supported, "MQTT-3.2.2-12"};
  if (will.retain && !limits.retain_available) return {ReasonCode::retain_not_supported, "MQTT-3.2.2-13"};
  if (will.payload.size() > limits.maximum_will_payload_size)
    return {ReasonCode::quota_exceeded, "mqtt.max_will_payload"};
  if (will.properties.user_property_count > limits.maximum_user_properties)
    return {ReasonCode::quota_exceeded, "mqtt.max_user_properties"};
  if (!topic::is_valid_topic_name(will.topic, {limits.maximum_topic_size, limits.maximum_topic_levels})) {
    return {ReasonCode::topic_name_invalid, "MQTT-3.1.3-11"};
  }
  return {};
}

std::string effective_username(const mqtt::Connect& connect, const PeerInfo& peer) {
  if (peer.certificate != nullptr && !peer.certificate->named_username.empty()) return peer.certificate->named_username;
  const CertificateField field = peer.listener->peer_cert_as_username;
  if (peer.certificate != nullptr && field != CertificateField::none) return peer.certificate->text(field);
  return std::string(connect.user_name);
}

namespace {

std::string assigned_client_id(SessionEnvironment& environment) {
  // 128 bits: nobody can guess another client's identifier. A few tries find one whose home is this shard, which saves
  // a move.
  const size_t shards = environment.fan_out.shard_count();
  std::array<char, 48> text{};
  do {
    const uint64_t high = environment.shard.random->next();
    const uint64_t low = environment.shard.random->next();
    std::snprintf(text.data(), text.size(), "patchbay-%016llx%016llx", static_cast<unsigned long long>(high),
                  static_cast<unsigned long long>(low));
  } while (home_shard(text.data(), shards) != environment.shard.id);
  return text.data();
}

}  // namespace

ClientIdChoice choose_client_identifier(const mqtt::Connect& connect, std::string_view username, const PeerInfo& peer,
                                        SessionEnvironment& environment) {
  std::string_view wanted = connect.client_id;
  const CertificateField field = peer.listener->peer_cert_as_clientid;
  if (peer.certificate != nullptr && !peer.certificate->named_client_id.empty()) {
    wanted = peer.certificate->named_client_id;
  } else if (peer.certificate != nullptr && field != CertificateField::none) {
    wanted = peer.certificate->text(field);
  } else if (environment.limits->use_username_as_client_id && !username.empty()) {
    wanted = username;
  }
  ClientIdChoice choice;
  if (wanted.empty()) {
    if (connect.version == ProtocolVersion::v3_1)
      return {ReasonCode::client_identifier_not_valid, "MQTT 3.1 section 3.1", {}, false};
    if (connect.version == ProtocolVersion::v3_1_1 && !connect.clean_start) {
      return {ReasonCode::client_identifier_not_valid, "MQTT3-3.1.3-8", {}, false};  // [MQTT-3.1.3-8 of 3.1.1]
    }
    choice.client_id = assigned_client_id(environment);  // [MQTT-3.1.3-6]
    choice.assigned = true;
    return choice;
  }
  if (wanted.size() > environment.limits->maximum_client_id_size) {
    return {ReasonCode::client_identifier_not_valid, "mqtt.max_clientid_len", {}, false};  // [MQTT-3.1.3-8]
  }
  choice.client_id = wanted;
  return choice;
}

access::ClientInfoFields client_info_fields(const mqtt::Connect& connect, const ConnectProgress& progress,
                                            const PeerInfo& peer, uint64_t now_unix_ms) {
  access::ClientInfoFields fields;
  fields.client_id = progress.client_id;
  fields.username = progress.username;
  std::copy(std::begin(peer.address), std::end(peer.address), fields.peer_address.begin());
  fields.peer_port = peer.port;
  fields.peer_loopback = peer.loopback;
  fields.listener_id = peer.listener->id;
  fields.listener_loopback = peer.listener->loopback_bind;
  fields.protocol_name = connect.version == ProtocolVersion::v3_1 ? "MQIsdp" : "MQTT";
  fields.protocol_version = static_cast<uint8_t>(connect.version);
  if (peer.certificate != nullptr) {
    fields.certificate_common_name = peer.certificate->common_name;
    fields.certificate_subject = peer.certificate->subject;
  }
  fields.clean_start = connect.clean_start;
  fields.is_bridge = connect.is_bridge;
  fields.keep_alive_s = connect.keep_alive_s;
  fields.connected_at_unix_ms = now_unix_ms;
  return fields;
}

access::CredentialsRef credentials_of(const mqtt::Connect& connect, const ConnectProgress& progress,
                                      const PeerInfo& peer) {
  auto credentials = std::make_shared<access::Credentials>();
  if (connect.has_user_name || !progress.username.empty()) credentials->username = progress.username;
  if (connect.has_password) {
    const std::string_view password = connect.password;
    credentials->password.emplace(
        std::span<const uint8_t>(reinterpret_cast<const uint8_t*>(password.data()), password.size()));
  }
  if (peer.certificate != nullptr) credentials->certificate_fingerprint_sha256 = peer.certificate->fingerprint_sha256;
  return credentials;
}

uint32_t session_expiry_interval(const mqtt::Connect& connect, const SessionLimits& limits) {
  uint32_t wanted_s = connect.properties.session_expiry_interval_s;
  if (connect.version != ProtocolVersion::v5) wanted_s = connect.clean_start ? 0 : limits.session_expiry_interval_s;
  return std::min(wanted_s, limits.maximum_session_expiry_interval_s);
}

uint32_t effective_keep_alive_s(const mqtt::Connect& connect, const SessionLimits& limits) {
  if (connect.version != ProtocolVersion::v5) return connect.keep_alive_s;
  if (limits.server_keep_alive_s != 0) return limits.server_keep_alive_s;  // [MQTT-3.2.2-21], told in CONNACK
  const bool too_long = connect.keep_alive_s == 0 || connect.keep_alive_s > limits.maximum_keep_alive_s;
  return too_long && limits.maximum_keep_alive_s != 0 ? limits.maximum_keep_alive_s : connect.keep_alive_s;
}

void fill_connack_properties(mqtt::Properties& properties, const mqtt::Connect& connect,
                             const ConnectProgress& progress, const SessionLimits& limits) {
  properties.set(PropertyId::receive_maximum, limits.receive_maximum);
  properties.set(PropertyId::maximum_packet_size, limits.maximum_packet_size);
  if (limits.maximum_qos != Qos::exactly_once)
    properties.set(PropertyId::maximum_qos, static_cast<uint32_t>(limits.maximum_qos));  // [MQTT-3.2.2-9]
  if (!limits.retain_available) properties.set(PropertyId::retain_available, 0);
  if (progress.client_id_assigned || progress.client_id != progress.sent_client_id) {
    properties.set(PropertyId::assigned_client_identifier, std::string_view(progress.client_id));  // [MQTT-3.2.2-16]
  }
  if (limits.topic_alias_maximum != 0) properties.set(PropertyId::topic_alias_maximum, limits.topic_alias_maximum);
  if (!limits.wildcard_subscription_available) properties.set(PropertyId::wildcard_subscription_available, 0);
  if (!limits.shared_subscription_available) properties.set(PropertyId::shared_subscription_available, 0);
  const uint32_t keep_alive_s = effective_keep_alive_s(connect, limits);
  if (keep_alive_s != progress.sent_keep_alive_s)
    properties.set(PropertyId::server_keep_alive, keep_alive_s);  // [MQTT-3.2.2-21]
  if (connect.properties.request_response_information != 0 && !limits.response_information.empty()) {
    properties.set(PropertyId::response_information, std::string_view(limits.response_information));
  }
}

}  // namespace patchbay::session
