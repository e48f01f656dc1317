#include "explanation.h"

#include <patchbay/json.hpp>

#include <algorithm>

namespace patchbay::acl_file {

namespace {

std::string_view attribute_of_request(const void* context, std::string_view name) {
  return static_cast<const request*>(context)->parameter("attr." + std::string(name));
}

bool read_topic(const request& asked, Question& question, std::string& problem) {
  const std::string_view action = asked.parameter("action");
  const std::string_view topic = asked.parameter("topic");
  if (action == "publish") {
    question.action = Action::publish;
    question.topic = topic;
    if (support::is_valid_topic(topic)) return true;
    problem = "topic: a topic name is needed";
    return false;
  }
  if (action == "subscribe") {
    question.action = Action::subscribe;
    question.topic = support::without_share(topic);
    if (support::is_valid_filter(question.topic)) return true;
    problem = "topic: a topic filter is needed";
    return false;
  }
  problem = "action: publish or subscribe is needed";
  return false;
}

bool read_options(const request& asked, Question& question, std::string& problem) {
  const std::string_view qos = asked.parameter("qos");
  const std::string_view retain = asked.parameter("retain");
  if (!qos.empty() && qos != "0" && qos != "1" && qos != "2") {
    problem = "qos: 0, 1 or 2 is needed";
    return false;
  }
  if (!retain.empty() && retain != "true" && retain != "false") {
    problem = "retain: true or false is needed";
    return false;
  }
  question.qos = qos.empty() ? 0 : static_cast<uint8_t>(qos.front() - '0');
  question.retain = retain == "true";
  const std::string_view peerhost = asked.parameter("peerhost");
  const auto address = support::parse_address(peerhost.empty() ? "127.0.0.1" : peerhost);
  if (!address) {
    problem = "peerhost: an address is needed";
    return false;
  }
  question.peerhost = peerhost.empty() ? "127.0.0.1" : peerhost;
  question.address = *address;
  return true;
}

}  // namespace

std::string explanation_json(const RuleSet& rules, const Decision& decision) {
  std::string text = "{\"result\": " + json::quoted(decision.result);
  if (decision.rule == nullptr) return text + ", \"by\": \"no_match\"}";
  text += ", \"by\": \"rule\", \"file\": " + json::quoted(rules.source());
  text += ", \"line\": " + std::to_string(decision.rule->line);
  return text + ", \"rule\": " + json::quoted(decision.rule->text) + "}";
}

std::string rules_json(const RuleSet& rules, size_t first, size_t count) {
  std::string text = "[";
  const auto& all = rules.rules();
  for (size_t number = first; number < all.size() && number - first < count; ++number) {
    if (number != first) text += ", ";
    text += "{\"line\": " + std::to_string(all[number].line) + ", \"rule\": " + json::quoted(all[number].text) + "}";
  }
  return text + "]";
}

std::optional<Question> question_of(const request& asked, bool trust_claimed, std::string& problem) {
  Question question;
  if (!read_topic(asked, question, problem) || !read_options(asked, question, problem)) return std::nullopt;
  question.claimed_user = asked.parameter("username");
  // Asked about somebody who has logged in, unless told otherwise.
  if (asked.parameter("verified") != "false" || trust_claimed) question.user = question.claimed_user;
  question.client_id = asked.parameter("clientid");
  question.listener = asked.parameter("listener");
  question.common_name = asked.parameter("cert_common_name");
  question.attribute = &attribute_of_request;
  question.attribute_context = &asked;
  return question;
}

}  // namespace patchbay::acl_file
