// How the list of traces is kept: one JSON document with the names that the REST API has for them.
#include <nlohmann/json.hpp>

#include <algorithm>

#include "operations/traces.h"

namespace patchbay::operations {

namespace {

template <class Enum, size_t Count>
Enum enum_from(const nlohmann::json& json, const char* member, const std::string_view (&names)[Count]) {
  const auto* found = std::find(names, names + Count, json.at(member).get<std::string>());
  return static_cast<Enum>(found == names + Count ? 0 : found - names);
}

}  // namespace

std::string traces_to_json(const std::vector<TraceSpec>& traces) {
  nlohmann::json list = nlohmann::json::array();
  for (const TraceSpec& spec : traces) {
    list.push_back({{"name", spec.name},
                    {"type", kTraceKinds[static_cast<size_t>(spec.kind)]},
                    {"value", spec.value},
                    {"payload_encode", kTracePayloads[static_cast<size_t>(spec.payload)]},
                    {"formatter", kTraceFormats[static_cast<size_t>(spec.format)]},
                    {"start_at", spec.start_unix_s},
                    {"end_at", spec.end_unix_s}});
  }
  return list.dump(1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<std::vector<TraceSpec>, std::string> traces_from_json(const std::string& text) {
  std::vector<TraceSpec> traces;
  try {
    for (const nlohmann::json& json : nlohmann::json::parse(text)) {
      TraceSpec spec;
      spec.name = json.at("name").get<std::string>();
      spec.kind = enum_from<TraceKind>(json, "type", kTraceKinds);
      spec.value = json.at("value").get<std::string>();
      spec.payload = enum_from<TracePayload>(json, "payload_encode", kTracePayloads);
      spec.format = enum_from<TraceFormat>(json, "formatter", kTraceFormats);
      spec.start_unix_s = json.at("start_at").get<uint64_t>();
      spec.end_unix_s = json.at("end_at").get<uint64_t>();
      auto valid = checked(std::move(spec));
      if (!valid) return base::fail(valid.error());
      traces.push_back(std::move(valid).value());
    }
  } catch (const nlohmann::json::exception& error) {
    return base::fail(std::string("is no list of traces: ") + error.what());
  }
  return traces;
}

}  // namespace patchbay::operations
