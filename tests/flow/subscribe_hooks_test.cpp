// subscribe.rewrite and unsubscribe.rewrite: what hooks make of a SUBSCRIBE is validated and authorised like the
// client's own.

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "session/session.h"
#include "support/chain_listener.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

using namespace patchbay;
using namespace patchbay::test;
using base::Counter;
using base::Verdict;
using hooks::RequestedSubscription;
using hooks::SubscribeRewriteEvent;
using hooks::UnsubscribeRewriteEvent;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

using Rewrite = ChainListener<SubscribeRewriteEvent>;
using Unsubscribe = ChainListener<UnsubscribeRewriteEvent>;
using Authorize = ChainListener<access::AuthorizeEvent>;
using Codes = std::vector<uint8_t>;

Verdict becomes(std::vector<RequestedSubscription> subscriptions) {
  return Verdict::replaces_with(std::make_unique<hooks::SubscribeReplacement>(std::move(subscriptions)));
}

RequestedSubscription wanted(std::string topic_filter, Qos qos = Qos::at_least_once) {
  RequestedSubscription subscription;
  subscription.topic_filter = std::move(topic_filter);
  subscription.maximum_qos = qos;
  return subscription;
}

std::vector<std::string> filters_of(FlowHarness& harness, std::string_view client_id = "client") {
  std::vector<std::string> filters;
  for (const session::Subscription& subscription : harness.find_session(client_id)->subscriptions())
    filters.push_back(subscription.topic_filter);
  return filters;
}

}  // namespace

TEST_CASE("subscribe.rewrite replaces a filter and its options, and adds filters the client is not told of") {
  FlowHarness harness;
  std::vector<std::string> offered;
  const Rewrite rewrite(harness, harness.hook_points.subscribe_rewrite, base::Phase::transform,
                        [&offered](SubscribeRewriteEvent& event, base::Token) {
                          offered.emplace_back(event.topic_filter);
                          if (event.topic_filter != "a") return Verdict::proceeds();
                          CHECK(event.qos == Qos::exactly_once);
                          RequestedSubscription first = wanted("mine/a", Qos::at_most_once);
                          first.no_local = true;
                          first.retain_as_published = true;
                          first.retain_handling = 2;
                          return becomes({first, wanted("news"), wanted("alarms/#", Qos::exactly_once)});
                        });
  TestClient client(harness);
  client.connect();
  const ReceivedPacket suback = client.subscribe_all({{"a", Qos::exactly_once}, {"b", Qos::at_least_once}});
  CHECK(suback.reason_codes == Codes{0, 1});  // [MQTT-3.8.4-6] one code for each filter that the client sent
  CHECK(filters_of(harness) == std::vector<std::string>{"mine/a", "b", "news", "alarms/#"});
  CHECK(offered == std::vector<std::string>{"a", "b"});  // what was added is not offered again
  const session::Subscription& first = *harness.find_session("client")->find_subscription("mine/a");
  CHECK((first.options.maximum_qos == 0 && first.options.no_local == 1 && first.options.retain_as_published == 1 &&
         first.options.retain_handling == 2));
  TestClient publisher(harness);
  ConnectOptions options;
  options.client_id = "publisher";
  publisher.connect(options);
  publisher.publish("alarms/fire", "x", Qos::exactly_once);
  CHECK(client.one_publish().qos == Qos::exactly_once);
}

TEST_CASE("subscribe.rewrite is no way around access control or validation, for added filters neither") {
  FlowHarness harness;
  std::vector<RequestedSubscription> becoming;
  const Rewrite rewrite(harness, harness.hook_points.subscribe_rewrite, base::Phase::transform,
                        [&becoming](SubscribeRewriteEvent&, base::Token) { return becomes(becoming); });
  std::vector<base::Token> later;
  const Authorize authorizer(harness, harness.access_points.authorize_subscribe, base::Phase::decide,
                             [&later](access::AuthorizeEvent& event, base::Token token) {
                               if (event.topic.starts_with("secret")) return Verdict::denies();
                               if (!event.topic.starts_with("slow")) return Verdict::allows();
                               later.push_back(token);
                               return Verdict::defers();
                             });
  TestClient client(harness);
  client.connect();
  becoming = {wanted("secret/a")};
  CHECK(client.subscribe("a").reason_codes == Codes{static_cast<uint8_t>(ReasonCode::not_authorized)});
  becoming = {wanted("open"), wanted("secret/b"), wanted("wild/#/no"), wanted("fine")};
  CHECK(client.subscribe("a").reason_codes == Codes{1});
  CHECK(filters_of(harness) == std::vector<std::string>{"open", "fine"});
  CHECK(harness.counted(Counter::packets_subscribe_auth_error) == 2);
  becoming = {wanted("wild/#/no")};
  CHECK(client.subscribe("a").reason_codes == Codes{static_cast<uint8_t>(ReasonCode::topic_filter_invalid)});
  becoming = {wanted("\xFF")};  // what no SUBSCRIBE can carry is no answer
  CHECK(client.subscribe("plain").reason_codes == Codes{2});
  // An added filter whose answer comes later holds the SUBACK back [MQTT-3.8.4-5].
  becoming = {wanted("quick"), wanted("slow")};
  client.send_subscribe("a");
  CHECK_FALSE(client.has_packets());
  harness.completions.complete(later.at(0), Verdict::denies());
  CHECK(client.next_packet().reason_codes == Codes{1});
  CHECK(filters_of(harness) == std::vector<std::string>{"open", "fine", "plain", "quick"});
}

TEST_CASE("subscribe.rewrite: a filter that is denied or dropped is refused, and additions are bounded") {
  FlowHarness harness;
  const Rewrite rewrite(harness, harness.hook_points.subscribe_rewrite, base::Phase::transform,
                        [](SubscribeRewriteEvent& event, base::Token) {
                          if (event.topic_filter == "deny") return Verdict::denies(0x97);
                          if (event.topic_filter == "drop") return Verdict::drops();
                          std::vector<RequestedSubscription> many{wanted("share")};
                          many[0].topic_filter = "$share/g/t";
                          many[0].no_local = true;  // [MQTT-3.8.3-4] not for shared ones: left out
                          for (int i = 0; i < 40; ++i) many.push_back(wanted("more/" + std::to_string(i)));
                          return becomes(std::move(many));
                        });
  TestClient client(harness);
  client.connect();
  const ReceivedPacket suback =
      client.subscribe_all({{"deny", Qos::at_most_once}, {"drop", Qos::at_most_once}, {"t", Qos::at_least_once}});
  CHECK(suback.reason_codes == Codes{0x97, 0x83, 1});
  CHECK(filters_of(harness).size() == 1 + SubscribeRewriteEvent::kMaximumAdded);
  CHECK(harness.find_session("client")->find_subscription("$share/g/t")->options.no_local == 0);
}

TEST_CASE("unsubscribe.rewrite finds what subscribe.rewrite made, added filters included") {
  FlowHarness harness;
  const Rewrite rewrite(harness, harness.hook_points.subscribe_rewrite, base::Phase::transform,
                        [](SubscribeRewriteEvent& event, base::Token) {
                          return becomes({wanted("mine/" + std::string(event.topic_filter)), wanted("news")});
                        });
  std::vector<std::string> gone;
  const auto observer = observe(harness, harness.hook_points.unsubscribe_done,
                                [&gone](hooks::SubscriptionEvent& event) { gone.emplace_back(event.topic_filter); });
  TestClient client(harness);
  client.connect();
  client.subscribe("t");
  CHECK(filters_of(harness) == std::vector<std::string>{"mine/t", "news"});
  CHECK(client.unsubscribe("t").reason_codes == Codes{static_cast<uint8_t>(ReasonCode::no_subscription_existed)});
  bool by_text = false;
  const Unsubscribe unsubscribe(harness, harness.hook_points.unsubscribe_rewrite, base::Phase::transform,
                                [&by_text](UnsubscribeRewriteEvent& event, base::Token) {
                                  CHECK(event.client->client_id() == "client");
                                  const std::string mine = "mine/" + std::string(event.topic_filter);
                                  if (by_text)
                                    return Verdict::replaces_with(std::make_unique<hooks::ReplacementText>(mine));
                                  return becomes({wanted(mine), wanted("news")});
                                });
  CHECK(client.unsubscribe("t").reason_codes == Codes{0});
  CHECK(filters_of(harness).empty());
  CHECK(gone == std::vector<std::string>{"mine/t", "news"});
  client.subscribe("t");
  by_text = true;
  CHECK(client.unsubscribe("t").reason_codes == Codes{0});
  CHECK(filters_of(harness) == std::vector<std::string>{"news"});
}
