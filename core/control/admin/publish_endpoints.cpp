// Publishing through the API: one message, or many.

#include <algorithm>

#include "admin/endpoints.h"
#include "admin/error_codes.h"
#include "admin/message_json.h"
#include "admin/message_publisher.h"
#include "admin/publication_json.h"
#include "admin/schema.h"
#include "session/session_registry.h"

namespace patchbay::admin {

namespace {

constexpr uint64_t kMessagesAtOnce = 10'000;  ///< in one request
constexpr int kDelivered = 200;
constexpr int kPartly = 202;
constexpr int kFailed = 503;

struct Answer {
  int status = kDelivered;
  Json body;
};

Json refusal_json(std::string_view error_code, const PublicationRefusal& refusal) {
  return {{"code", error_code}, {"reason_code", static_cast<int>(refusal.reason)}, {"message", refusal.message}};
}

ApiResponse publication_refused(const PublicationRefusal& refusal) {
  return ApiResponse::json(refusal_json(code::kBadRequest, refusal), 400);
}

/// Messages of one topic go by one shard, so that they stay in order.
uint32_t shard_of(const NodeAccess& node, const Publication& publication) {
  return session::home_shard(publication.topic, node.shards.count());
}

/// Of a publication that has come to its end, or has not in time.
Answer answer_of(const std::optional<PublicationOutcome>& outcome) {
  if (!outcome) {
    const PublicationRefusal late{mqtt::ReasonCode::server_busy, "the broker did not answer in time"};
    return {kFailed, refusal_json(code::kServiceUnavailable, late)};
  }
  if (outcome->reason != mqtt::ReasonCode::success) {
    const bool ours = outcome->reason == mqtt::ReasonCode::quota_exceeded;
    const PublicationRefusal refusal = refusal_for(outcome->reason);
    return {ours ? kFailed : 400, refusal_json(ours ? code::kServiceUnavailable : code::kBadRequest, refusal)};
  }
  if (outcome->receivers == 0) {
    return {kPartly,
            {{"reason_code", static_cast<int>(mqtt::ReasonCode::no_matching_subscribers)},
             {"message", "no_matching_subscribers"}}};
  }
  return {kDelivered, {{"id", outcome->message_id}}};
}

Answer publish_one(const NodeAccess& node, Publication publication) {
  const uint32_t shard = shard_of(node, publication);
  return answer_of(publish(node.shards, shard, std::move(publication)));
}

/// The two usual answers are the same but for an id of digits: their texts are put together without a document.
ApiResponse response_of(const std::optional<PublicationOutcome>& outcome) {
  static const std::string kNobody = ApiResponse::json(answer_of(PublicationOutcome{}).body).body;
  if (outcome && outcome->reason == mqtt::ReasonCode::success) {
    if (outcome->receivers == 0) return {kPartly, "application/json", kNobody, {}};
    return {kDelivered, "application/json", R"({"id":")" + outcome->message_id + R"("})", {}};
  }
  const Answer answer = answer_of(outcome);
  return ApiResponse::json(answer.body, answer.status);
}

Begun begin_message(const NodeAccess& node, const ApiRequest& request, AnswerLater later) {
  auto publication = publication_of(request.body);
  if (!publication) return {publication_refused(publication.error()), {}};
  const uint32_t shard = shard_of(node, *publication);
  publish_later(node.shards, shard, std::move(publication).value(),
                [later = std::move(later)](PublicationOutcome outcome) {
                  later([outcome = std::move(outcome)] { return response_of(outcome); });
                });
  return {std::nullopt, [] { return response_of(std::nullopt); }};
}

ApiResponse publish_message(const NodeAccess& node, const ApiRequest& request) {
  auto publication = publication_of(request.body);
  if (!publication) return publication_refused(publication.error());
  const uint32_t shard = shard_of(node, *publication);
  return response_of(publish(node.shards, shard, std::move(publication).value()));
}

ApiResponse publish_messages(const NodeAccess& node, const ApiRequest& request) {
  const uint64_t packet_max = maximum_packet_size(node);
  std::vector<Publication> publications;
  for (const Json& body : request.body) {
    auto publication = publication_of(body);
    if (!publication) return publication_refused(publication.error());
    const mqtt::ReasonCode reason = early_refusal_of(*publication, packet_max);
    if (reason != mqtt::ReasonCode::success) return publication_refused(refusal_for(reason));
    publications.push_back(std::move(publication).value());
  }
  int status = kDelivered;
  Json answers = Json::array();
  for (Publication& publication : publications) {
    Answer answer = publish_one(node, std::move(publication));
    if (answer.status != kDelivered) status = std::max(status, answer.status == kPartly ? kPartly : kFailed);
    answers.push_back(std::move(answer.body));
  }
  return ApiResponse::json(answers, status);
}

}  // namespace

void add_publish_routes(RouteTable& routes, const NodeAccess& node) {
  const Json done = schema::object({{"id", schema::string()}});
  const Json told = schema::object(
      {{"code", schema::string()}, {"reason_code", schema::integer(0, 255)}, {"message", schema::string()}});
  const Json either = schema::array(schema::object({{"id", schema::string()},
                                                    {"code", schema::string()},
                                                    {"reason_code", schema::integer(0, 255)},
                                                    {"message", schema::string()}}));
  routes.add({.method = "POST",
              .path = "/publish",
              .tag = "Publish",
              .scope = "publish",
              .access = Access::publish,
              .summary = "Publish a message; 202: nobody has subscribed to its topic",
              .body_schema = publication_schema(),
              .responses = {{200, done}, {202, told}, {400, told}, {503, told}},
              .handler = [&node](const ApiRequest& request) { return publish_message(node, request); },
              .begin = [&node](const ApiRequest& request,
                               AnswerLater later) { return begin_message(node, request, std::move(later)); }});
  routes.add({.method = "POST",
              .path = "/publish/bulk",
              .tag = "Publish",
              .scope = "publish",
              .access = Access::publish,
              .summary = "Publish several; none is when one of them is not in order",
              .body_schema = schema::array(publication_schema(), kMessagesAtOnce),
              .responses = {{200, either}, {202, either}, {400, told}, {503, either}},
              .handler = [&node](const ApiRequest& request) { return publish_messages(node, request); }});
}

}  // namespace patchbay::admin
