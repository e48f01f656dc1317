// The messages of one client: those that wait for it, and those on their way to it.

#include <algorithm>
#include <charconv>

#include "admin/client_session_endpoints.h"
#include "admin/error_codes.h"
#include "admin/message_json.h"
#include "admin/schema.h"
#include "admin/shard_query.h"
#include "session/outbound_inflight.h"
#include "session/outbound_queue.h"
#include "session/session.h"

namespace patchbay::admin {

namespace {

constexpr uint64_t kMessagesMax = 1'000;  ///< in one answer, taken in one turn of the shard
constexpr uint64_t kMessagesDefault = 100;
constexpr const char* kEnd = "end_of_data";

struct ShownMessage {
  mqtt::MessageRef message;
  mqtt::Qos qos = mqtt::Qos::at_most_once;  ///< it is sent with
  uint16_t priority = 0;
};
using Shown = std::optional<std::vector<ShownMessage>>;  ///< nothing: no such client

Shown waiting_messages(session::SessionEnvironment& environment, const std::string& client_id, size_t from,
                       size_t count) {
  const session::Session* session = environment.registry->find(client_id);
  if (session == nullptr) return std::nullopt;
  std::vector<ShownMessage> shown;
  if (session->queue() == nullptr) return shown;
  session->queue()->visit(from, count, [&shown](const session::OutboundMessage& outbound, uint16_t priority) {
    shown.push_back({outbound.message, outbound.qos, priority});
  });
  return shown;
}

Shown inflight_messages(session::SessionEnvironment& environment, const std::string& client_id, size_t from,
                        size_t count) {
  const session::Session* session = environment.registry->find(client_id);
  if (session == nullptr) return std::nullopt;
  std::vector<ShownMessage> shown;
  if (session->inflight() == nullptr) return shown;
  size_t index = 0;
  session->inflight()->for_each_unsettled([&](const session::OutboundInflight::Entry& entry) {
    const bool wanted = index >= from && shown.size() < count && entry.outbound.message;  // once released it is gone
    if (entry.outbound.message) ++index;
    if (wanted) shown.push_back({entry.outbound.message, entry.outbound.qos, 0});
  });
  return shown;
}

struct MessagesWanted {
  uint64_t position = 0;
  uint64_t limit = kMessagesDefault;
  PayloadForm form = PayloadForm::base64;
  uint64_t maximum_payload_bytes = kShownPayloadBytes;  ///< of all messages of an answer
};

std::optional<uint64_t> position_of(const std::string& text) {
  if (text == "none") return 0;
  uint64_t position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return position;
}

std::optional<MessagesWanted> read(const ApiRequest& request) {
  MessagesWanted wanted;
  const auto position = position_of(request.query_value("position").value_or("none"));
  if (!position) return std::nullopt;
  wanted.position = *position;
  wanted.limit = request.query_number("limit").value_or(kMessagesDefault);
  wanted.form = payload_form(request.query_value("payload").value_or("base64")).value_or(PayloadForm::base64);
  wanted.maximum_payload_bytes = request.query_number("max_payload_bytes").value_or(kShownPayloadBytes);
  return wanted;
}

Json client_message_json(const ShownMessage& shown, PayloadForm form, uint64_t room, bool with_priority) {
  Json json = message_summary(*shown.message);
  json["qos"] = static_cast<int>(shown.qos);
  if (form != PayloadForm::none) json["payload"] = payload_text(*shown.message, form, room);
  if (with_priority) json["mqueue_priority"] = shown.priority;
  return json;
}

using Look = Shown (*)(session::SessionEnvironment&, const std::string&, size_t, size_t);

ApiResponse list_client_messages(const NodeAccess& node, const ApiRequest& request, Look look, bool with_priority) {
  if (request.query_value("position") == kEnd)
    return ApiResponse::json({{"data", Json::array()}, {"meta", {{"position", kEnd}, {"start", kEnd}}}});
  const auto wanted = read(request);
  if (!wanted) return ApiResponse::error(400, code::kInvalidParameter, "position: not one that was given out");
  const std::string& id = request.path_parameter("clientid");
  const auto answer =
      ask_home(node.shards, id, [id, look, from = wanted->position, count = wanted->limit](auto& environment) {
        return look(environment, id, from, count + 1);
      });
  if (!answer) return shard_did_not_answer();
  if (!*answer) return no_such_client();
  Json data = Json::array();
  uint64_t room = wanted->maximum_payload_bytes;
  for (const ShownMessage& shown : **answer) {
    const uint64_t size = wanted->form == PayloadForm::none ? 0 : shown.message->payload().size();
    const bool fits = data.empty() || size <= room;  // the first is shown in any case, if need be in part
    if (data.size() == wanted->limit || !fits) break;
    data.push_back(client_message_json(shown, wanted->form, room, with_priority));
    room -= std::min(room, size);
  }
  const bool more = data.size() < (*answer)->size();
  Json meta = {{"start", std::to_string(wanted->position)},
               {"position", more ? std::to_string(wanted->position + data.size()) : kEnd}};
  return ApiResponse::json({{"data", std::move(data)}, {"meta", std::move(meta)}});
}

std::vector<QueryParameter> message_parameters() {
  return {{"position", schema::with_default(schema::text(1, 32), "none"),
           "Where to go on, as the answer before said. What leaves meanwhile shifts it."},
          {"limit", schema::with_default(schema::integer(1, kMessagesMax), kMessagesDefault), "Messages in an answer."},
          {"payload", schema::with_default(schema::one_of_words({"none", "base64", "plain"}), "base64"), "Its form."},
          {"max_payload_bytes", schema::with_default(schema::integer(0, kShownPayloadBytes), kShownPayloadBytes),
           "Of all payloads in an answer together."}};
}

Json messages_schema() {
  Json message = schema::object({{"msgid", schema::string()},
                                 {"topic", schema::string()},
                                 {"qos", schema::qos()},
                                 {"publish_at", schema::date_time()},
                                 {"from_clientid", schema::string()},
                                 {"payload", schema::string()},
                                 {"mqueue_priority", schema::integer(0, 65'535)}});
  return schema::object({{"data", schema::array(std::move(message))},
                         {"meta", schema::object({{"start", schema::string()}, {"position", schema::string()}})}});
}

}  // namespace

void add_client_message_routes(RouteTable& routes, const NodeAccess& node) {
  struct Kind {
    const char* path;
    const char* summary;
    Look look;
    bool with_priority;
  };
  constexpr Kind kKinds[] = {
      {"/clients/{clientid}/mqueue_messages", "Messages that wait for a client", &waiting_messages, true},
      {"/clients/{clientid}/inflight_messages", "Messages sent to a client and not acknowledged", &inflight_messages,
       false}};
  for (const Kind& kind : kKinds) {
    routes.add({.method = "GET",
                .path = kind.path,
                .tag = "Clients",
                .scope = "connections",
                .summary = kind.summary,
                .query = message_parameters(),
                .responses = {{200, messages_schema()}},
                .handler = [&node, look = kind.look, with_priority = kind.with_priority](const ApiRequest& request) {
                  return list_client_messages(node, request, look, with_priority);
                }});
  }
}

}  // namespace patchbay::admin
