// How bans are kept: one JSON document with the names that the REST API has for them.
#include <nlohmann/json.hpp>

#include "operations/banned.h"

namespace patchbay::operations {

namespace {

nlohmann::json ban_json(const Ban& ban) {
  nlohmann::json json = {
      {"as", ban_kind_name(ban.kind)}, {"who", ban.who}, {"by", ban.by}, {"reason", ban.reason}, {"at", ban.at_unix_s}};
  if (ban.until_unix_s) json["until"] = *ban.until_unix_s;
  return json;
}

std::optional<Ban> kept_ban_from(const nlohmann::json& json) {
  const auto kind = ban_kind_from(json.at("as").get<std::string>());
  if (!kind) return std::nullopt;
  Ban ban;
  ban.kind = *kind;
  ban.who = json.at("who").get<std::string>();
  ban.by = json.at("by").get<std::string>();
  ban.reason = json.at("reason").get<std::string>();
  ban.at_unix_s = json.at("at").get<uint64_t>();
  if (json.contains("until")) ban.until_unix_s = json.at("until").get<uint64_t>();
  return ban;
}

}  // namespace

std::string bans_to_json(const std::vector<KeptBanRef>& bans) {
  nlohmann::json list = nlohmann::json::array();
  for (const KeptBanRef& kept : bans) list.push_back(ban_json(kept->ban));
  return nlohmann::json{{"version", 1}, {"banned", std::move(list)}}.dump(1, ' ', false,
                                                                          nlohmann::json::error_handler_t::replace);
}

base::Result<std::vector<Ban>, std::string> bans_from_json(const std::string& text) {
  std::vector<Ban> bans;
  try {
    const nlohmann::json document = nlohmann::json::parse(text);
    for (const nlohmann::json& json : document.at("banned")) {
      auto ban = kept_ban_from(json);
      if (!ban) return base::fail(std::string("a ban is of no known kind"));
      auto valid = checked(std::move(*ban));
      if (!valid) return base::fail(valid.error());
      bans.push_back(std::move(valid).value());
    }
  } catch (const nlohmann::json::exception& error) {
    return base::fail(std::string("is no list of bans: ") + error.what());
  }
  return bans;
}

}  // namespace patchbay::operations
