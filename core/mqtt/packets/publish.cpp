#include "mqtt/packets/publish.h"

#include "base/byte_reader.h"
#include "mqtt/codec/raw_property.h"

namespace patchbay::mqtt {
namespace {

std::string_view text_of(PropertyBlock block, PropertyId id) {
  RawProperty property;
  while (next_raw_property(block, property)) {
    if (property.row->id == id) return base::as_text(property.value().subspan(2));
  }
  return {};
}

}  // namespace

std::string_view PublishProperties::response_topic() const {
  return has_response_topic ? text_of(block, PropertyId::response_topic) : std::string_view{};
}

std::string_view PublishProperties::correlation_data() const {
  return has_correlation_data ? text_of(block, PropertyId::correlation_data) : std::string_view{};
}

std::string_view PublishProperties::content_type() const {
  return has_content_type ? text_of(block, PropertyId::content_type) : std::string_view{};
}

}  // namespace patchbay::mqtt
