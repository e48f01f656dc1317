#include "subject.h"

#include <arpa/inet.h>

namespace patchbay::auth_http {

namespace {

std::string address_text(const uint8_t (&address)[16]) {
  char out[INET6_ADDRSTRLEN] = {};
  bool mapped = address[10] == 0xFF && address[11] == 0xFF;
  for (int i = 0; i < 10; ++i) mapped = mapped && address[i] == 0;
  ::inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? address + 12 : address, out, sizeof out);
  return out;
}

Subject subject_of(const patchbay::client& client, const patchbay_host* host) {
  Subject out;
  if (!client) return out;
  const patchbay_client_view view = client.view();
  out.client_id = patchbay::text(view.client_id);
  out.username = patchbay::text(view.username);
  out.peerhost = address_text(view.peer_address);
  out.peerport = std::to_string(view.peer_port);
  out.listener = patchbay::text(view.listener_id);
  out.protocol_name = patchbay::text(view.protocol_name);
  out.cert_common_name = patchbay::text(view.certificate_common_name);
  out.cert_subject = patchbay::text(view.certificate_subject);
  patchbay_pair pair{};
  for (uint32_t i = 0; i < view.attribute_count; ++i) {
    if (host->client_attribute_at(host, client.raw(), i, &pair) != PATCHBAY_OK) break;
    out.attributes.emplace_back(patchbay::text(pair.name), patchbay::text(pair.value));
  }
  return out;
}

}  // namespace

Subject subject_of(const patchbay::auth_request& asked) {
  Subject out = subject_of(asked.client(), asked.host().raw());
  out.client_id = asked.client_id();
  out.username = asked.username();
  out.password = patchbay::as_text(asked.password());
  return out;
}

Subject subject_of(const patchbay::acl_request& asked) {
  Subject out = subject_of(asked.client(), asked.host().raw());
  out.topic = asked.topic();
  out.action = asked->action == 1 ? "publish" : "subscribe";
  out.qos = std::to_string(asked->qos);
  out.retain = asked->retain != 0 ? "true" : "false";
  return out;
}

}  // namespace patchbay::auth_http
