#include "text_template.h"

#include <algorithm>
#include <utility>

namespace patchbay::auth_http {

namespace {

constexpr std::string_view kAttribute = "client_attrs.";

struct Place {
  std::string_view name;
  std::string Subject::*value;
  enum class Of { both, authentication, authorization } of;
};

constexpr Place kPlaces[] = {
    {"clientid", &Subject::client_id, Place::Of::both},
    {"username", &Subject::username, Place::Of::both},
    {"password", &Subject::password, Place::Of::authentication},
    {"peerhost", &Subject::peerhost, Place::Of::both},
    {"peerport", &Subject::peerport, Place::Of::both},
    {"listener", &Subject::listener, Place::Of::both},
    {"proto_name", &Subject::protocol_name, Place::Of::both},
    {"cert_common_name", &Subject::cert_common_name, Place::Of::both},
    {"cert_subject", &Subject::cert_subject, Place::Of::both},
    {"topic", &Subject::topic, Place::Of::authorization},
    {"action", &Subject::action, Place::Of::authorization},
    {"qos", &Subject::qos, Place::Of::authorization},
    {"retain", &Subject::retain, Place::Of::authorization},
};

/// Places that EMQX has and that are fixed or put together here.
constexpr std::string_view kOthers[] = {"peername", "mountpoint", "zone"};

const Place* find_place(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kPlaces), std::end(kPlaces), [&](const Place& each) { return each.name == name; });
  return found == std::end(kPlaces) ? nullptr : found;
}

bool is_place(std::string_view name, bool authorization) {
  if (name.starts_with(kAttribute)) return name.size() > kAttribute.size();
  if (std::find(std::begin(kOthers), std::end(kOthers), name) != std::end(kOthers)) return true;
  const Place* const place = find_place(name);
  if (place == nullptr) return false;
  return place->of == Place::Of::both || (place->of == Place::Of::authorization) == authorization;
}

std::string value_of(std::string_view name, const Subject& subject) {
  if (name == "peername") return subject.peerhost + ":" + subject.peerport;
  if (name == "zone") return "default";
  if (const Place* const place = find_place(name)) return subject.*(place->value);
  if (!name.starts_with(kAttribute)) return {};  // mountpoint: there is none
  name.remove_prefix(kAttribute.size());
  for (const auto& [attribute, value] : subject.attributes) {
    if (attribute == name) return value;
  }
  return {};
}

}  // namespace

std::optional<TextTemplate> TextTemplate::parse(std::string_view text, bool authorization, std::string& reason) {
  TextTemplate out;
  std::string fixed;
  for (size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${")) {
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      reason = "\"${\" without \"}\"";
      return {};
    }
    fixed.append(text.substr(0, open));
    const std::string name(text.substr(open + 2, close - open - 2));
    text.remove_prefix(close + 1);
    if (name == "$") {
      fixed += '$';
    } else if (is_place(name, authorization)) {
      out.pieces_.push_back({std::exchange(fixed, {}), name});
    } else {
      reason = "there is no \"" + name + "\" to put in here";
      return {};
    }
  }
  out.pieces_.push_back({fixed.append(text), {}});
  return out;
}

std::string TextTemplate::filled(const Subject& subject, Encode encode) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    out += piece.fixed;
    if (piece.place.empty()) continue;
    const std::string value = value_of(piece.place, subject);
    out += encode == nullptr ? value : encode(value);
  }
  return out;
}

}  // namespace patchbay::auth_http
