#include "subject.h"

#include <arpa/inet.h>

#include <algorithm>

namespace patchbay::acl_mysql {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedIpv4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

std::string_view text(patchbay_str value) {
  return {value.len == 0 ? "" : value.ptr, value.len};
}

patchbay_client_view view_of(const patchbay_host& host, const patchbay_client* shown) {
  patchbay_client_view view{};
  view.size = sizeof view;
  if (shown != nullptr) host.client_view(&host, shown, &view);
  return view;
}

std::optional<std::string> unless_empty(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> value_of(const Parameter& parameter, const Subject& subject, const Question& question) {
  switch (parameter.what) {
    case Placeholder::client_id:
      return unless_empty(subject.client_id);
    case Placeholder::username:
      return unless_empty(subject.username);
    case Placeholder::peer_host:
      return subject.peer_host();
    case Placeholder::certificate_common_name:
      return unless_empty(subject.certificate_common_name);
    case Placeholder::certificate_subject:
      return unless_empty(subject.certificate_subject);
    case Placeholder::listener:
      return unless_empty(subject.listener_id);
    case Placeholder::protocol_name:
      return unless_empty(subject.protocol_name);
    case Placeholder::attribute:
      return unless_empty(subject.attribute(parameter.name));
    case Placeholder::topic:
      return std::string(question.topic);
    case Placeholder::action:
      return std::string(question.action == Question::Action::publish ? "publish" : "subscribe");
    case Placeholder::qos:
      return std::to_string(question.qos);
    case Placeholder::retain:
      return std::string(question.retain ? "1" : "0");
  }
  return std::nullopt;
}

}  // namespace

Subject Subject::of(const patchbay_host& host, const patchbay_client* shown) {
  const patchbay_client_view view = view_of(host, shown);
  Subject made;
  made.client_id = text(view.client_id);
  made.username = text(view.username);
  made.certificate_common_name = text(view.certificate_common_name);
  made.certificate_subject = text(view.certificate_subject);
  made.listener_id = text(view.listener_id);
  made.protocol_name = text(view.protocol_name);
  std::copy(std::begin(view.peer_address), std::end(view.peer_address), made.peer_address.begin());
  patchbay_pair pair{};
  for (std::uint32_t index = 0; index < view.attribute_count; ++index) {
    if (host.client_attribute_at(&host, shown, index, &pair) != PATCHBAY_OK) break;
    made.attributes.emplace_back(text(pair.name), text(pair.value));
  }
  return made;
}

bool Subject::is(const patchbay_host& host, const patchbay_client* shown) const {
  const patchbay_client_view view = view_of(host, shown);
  if (client_id != text(view.client_id) || username != text(view.username) ||
      certificate_common_name != text(view.certificate_common_name) ||
      certificate_subject != text(view.certificate_subject) || listener_id != text(view.listener_id) ||
      protocol_name != text(view.protocol_name) || attributes.size() != view.attribute_count ||
      !std::equal(peer_address.begin(), peer_address.end(), std::begin(view.peer_address))) {
    return false;
  }
  patchbay_pair pair{};
  for (std::uint32_t index = 0; index < view.attribute_count; ++index) {
    if (host.client_attribute_at(&host, shown, index, &pair) != PATCHBAY_OK) return false;
    if (attributes[index].first != text(pair.name) || attributes[index].second != text(pair.value)) return false;
  }
  return true;
}

std::string Subject::peer_host() const {
  const bool ipv4 = std::equal(kMappedIpv4.begin(), kMappedIpv4.end(), peer_address.begin());
  std::array<char, INET6_ADDRSTRLEN> out{};
  const void* address = peer_address.data() + (ipv4 ? kMappedIpv4.size() : 0);
  return ::inet_ntop(ipv4 ? AF_INET : AF_INET6, address, out.data(), out.size()) == nullptr ? "" : out.data();
}

std::string_view Subject::attribute(std::string_view name) const {
  for (const auto& [known, value] : attributes) {
    if (known == name) return value;
  }
  return {};
}

std::vector<std::optional<std::string>> parameter_values(const QueryTemplate& query, const Subject& subject,
                                                         const Question& question) {
  std::vector<std::optional<std::string>> values;
  values.reserve(query.parameters().size());
  for (const Parameter& parameter : query.parameters()) values.push_back(value_of(parameter, subject, question));
  return values;
}

}  // namespace patchbay::acl_mysql
