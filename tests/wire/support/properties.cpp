#include "wire/support/properties.h"

#include <stdexcept>

#include "wire/support/fields.h"

namespace patchbay::wire {
namespace {

enum class Form { byte, two_bytes, four_bytes, variable, text, pair };

Form form_of(uint8_t id) {
  switch (id) {
    case property::kPayloadFormatIndicator:
    case property::kRequestProblemInformation:
    case property::kRequestResponseInformation:
    case property::kMaximumQos:
    case property::kRetainAvailable:
    case property::kWildcardSubscriptionAvailable:
    case property::kSubscriptionIdentifierAvailable:
    case property::kSharedSubscriptionAvailable:
      return Form::byte;
    case property::kServerKeepAlive:
    case property::kReceiveMaximum:
    case property::kTopicAliasMaximum:
    case property::kTopicAlias:
      return Form::two_bytes;
    case property::kMessageExpiryInterval:
    case property::kSessionExpiryInterval:
    case property::kWillDelayInterval:
    case property::kMaximumPacketSize:
      return Form::four_bytes;
    case property::kSubscriptionIdentifier:
      return Form::variable;
    case property::kUserProperty:
      return Form::pair;
    case property::kContentType:
    case property::kResponseTopic:
    case property::kCorrelationData:
    case property::kAssignedClientIdentifier:
    case property::kAuthenticationMethod:
    case property::kAuthenticationData:
    case property::kResponseInformation:
    case property::kServerReference:
    case property::kReasonString:
      return Form::text;
    default:
      throw std::runtime_error("no property has the identifier " + std::to_string(id));
  }
}

}  // namespace

Properties& Properties::add(uint8_t id, uint32_t number) {
  rows_.push_back({id, number, {}, {}});
  return *this;
}

Properties& Properties::add(uint8_t id, std::string_view text) {
  rows_.push_back({id, 0, std::string(text), {}});
  return *this;
}

Properties& Properties::add_user(std::string_view name, std::string_view value) {
  rows_.push_back({property::kUserProperty, 0, std::string(name), std::string(value)});
  return *this;
}

const Properties::Row& Properties::row(uint8_t id) const {
  for (const Row& each : rows_) {
    if (each.id == id) return each;
  }
  throw std::runtime_error("the packet has no property " + std::to_string(id));
}

bool Properties::has(uint8_t id) const {
  for (const Row& each : rows_) {
    if (each.id == id) return true;
  }
  return false;
}

uint32_t Properties::number(uint8_t id) const {
  return row(id).number;
}

const std::string& Properties::text(uint8_t id) const {
  return row(id).text;
}

std::vector<uint32_t> Properties::numbers(uint8_t id) const {
  std::vector<uint32_t> found;
  for (const Row& each : rows_) {
    if (each.id == id) found.push_back(each.number);
  }
  return found;
}

std::vector<std::pair<std::string, std::string>> Properties::user_properties() const {
  std::vector<std::pair<std::string, std::string>> found;
  for (const Row& each : rows_) {
    if (each.id == property::kUserProperty) found.emplace_back(each.text, each.value);
  }
  return found;
}

Bytes Properties::encoded() const {
  Bytes block;
  for (const Row& each : rows_) {
    block += static_cast<char>(each.id);
    switch (form_of(each.id)) {
      case Form::byte:
        block += static_cast<char>(each.number);
        break;
      case Form::two_bytes:
        block += two_bytes(each.number);
        break;
      case Form::four_bytes:
        block += two_bytes(each.number >> 16) + two_bytes(each.number);
        break;
      case Form::variable:
        block += variable_byte_integer(each.number);
        break;
      case Form::text:
        block += field(each.text);
        break;
      case Form::pair:
        block += field(each.text) + field(each.value);
        break;
    }
  }
  return variable_byte_integer(block.size()) + block;
}

Properties Properties::take(std::string_view& bytes) {
  const size_t length = take_variable_byte_integer(bytes);
  std::string_view block = take_bytes(bytes, length);
  Properties properties;
  while (!block.empty()) {
    Row each{static_cast<uint8_t>(take_number(block, 1)), 0, {}, {}};
    switch (form_of(each.id)) {
      case Form::byte:
        each.number = take_number(block, 1);
        break;
      case Form::two_bytes:
        each.number = take_number(block, 2);
        break;
      case Form::four_bytes:
        each.number = take_number(block, 4);
        break;
      case Form::variable:
        each.number = static_cast<uint32_t>(take_variable_byte_integer(block));
        break;
      case Form::text:
        each.text = take_field(block);
        break;
      case Form::pair:
        each.text = take_field(block);
        each.value = take_field(block);
        break;
    }
    properties.rows_.push_back(each);
  }
  return properties;
}

}  // namespace patchbay::wire
