#include "access/enhanced_authentication.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "access_fixture.h"

using namespace patchbay;
using access::EnhancedAuthenticationEvent;
using access::EnhancedOutcome;
using access::EnhancedResult;
using base::Verdict;
using mqtt::ReasonCode;
using test::AccessFixture;

namespace {

/// A method of two steps: the client says "hello", is asked "who", and answers with its name.
struct TwoSteps {
  std::vector<std::string> seen;
  bool defers = false;
  base::Token token;

  static Verdict call(void* self, EnhancedAuthenticationEvent& event, base::Token token) noexcept {
    auto& method = *static_cast<TwoSteps*>(self);
    if (event.authentication_method != "TWO-STEPS") return Verdict::proceeds();
    method.seen.emplace_back(event.authentication_data.begin(), event.authentication_data.end());
    method.token = token;
    if (method.defers) return Verdict::defers();
    return event.step == 0 ? ask() : method.finish(event);
  }
  static Verdict ask() {
    auto data = std::make_unique<access::AuthenticationData>();
    data->data = {'w', 'h', 'o'};
    return Verdict::replaces_with(std::move(data));
  }
  Verdict finish(const EnhancedAuthenticationEvent&) {
    if (seen.back() != "alice") return Verdict::denies(static_cast<uint8_t>(ReasonCode::banned));
    auto grant = std::make_unique<access::EnhancedGrant>();
    grant->grant.identity = seen.back();
    grant->data = {'o', 'k'};
    return Verdict::allows_with(std::move(grant));
  }
};

struct Exchange : AccessFixture {
  TwoSteps method;
  std::vector<EnhancedResult> results;
  access::EnhancedAuthenticationPending pending{
      [](void* self, EnhancedAuthenticationEvent& event) {
        static_cast<Exchange*>(self)->results.push_back(std::move(event.result));
      },
      this};

  Exchange() {
    base::ChainEntry<EnhancedAuthenticationEvent> entry;
    entry.call = &TwoSteps::call;
    entry.self = &method;
    entry.order.name = "two-steps";
    points.enhanced_authentication.swap({entry}, shard.epoch);
  }
  std::optional<EnhancedResult> step(uint32_t number, std::string data, std::string_view name = "TWO-STEPS") {
    EnhancedAuthenticationEvent event;
    event.client = access::ClientInfo::create(test::client_fields());
    event.authentication_method = name;
    event.authentication_data = {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
    event.step = number;
    event.exchange_id = control.new_exchange_id();
    return control.authenticate_step(std::move(event), pending);
  }
};

}  // namespace

TEST_CASE("an exchange goes step by step to an identity, with data for the client") {
  Exchange exchange;
  const auto first = exchange.step(0, "hello");
  REQUIRE(first.has_value());
  CHECK(first->outcome == EnhancedOutcome::proceed_with_data);
  CHECK(std::string(first->data.begin(), first->data.end()) == "who");
  const auto second = exchange.step(1, "alice");
  REQUIRE(second.has_value());
  CHECK(second->outcome == EnhancedOutcome::allowed);
  CHECK(second->authentication.identity == "alice");
  CHECK(std::string(second->data.begin(), second->data.end()) == "ok");
  CHECK(exchange.method.seen == std::vector<std::string>{"hello", "alice"});
  CHECK(exchange.shard.counted(base::Counter::client_authenticate) == 1);
  CHECK(exchange.shard.counted(base::Counter::client_auth_success) == 1);
}

TEST_CASE("a method may refuse with a reason") {
  Exchange exchange;
  const auto result = exchange.step(1, "mallory");
  CHECK(result->outcome == EnhancedOutcome::denied);
  CHECK(result->authentication.reason == ReasonCode::banned);
  CHECK(exchange.shard.counted(base::Counter::client_auth_failure) == 1);
}

TEST_CASE("[MQTT-4.12.0-1] a method that nobody knows is refused with 0x8C, with and without methods installed") {
  Exchange exchange;
  const auto unknown = exchange.step(0, "x", "OTHER");
  CHECK(unknown->outcome == EnhancedOutcome::denied);
  CHECK(unknown->authentication.reason == ReasonCode::bad_authentication_method);
  exchange.points.enhanced_authentication.swap({}, exchange.shard.epoch);
  const auto none = exchange.step(0, "x");
  CHECK(none->outcome == EnhancedOutcome::denied);
  CHECK(none->authentication.reason == ReasonCode::bad_authentication_method);
}

TEST_CASE("a step may be answered later; its data waits with it") {
  Exchange exchange;
  exchange.method.defers = true;
  CHECK_FALSE(exchange.step(0, "hello, in a text that is too long for any small buffer").has_value());
  exchange.complete(exchange.method.token, TwoSteps::ask());
  REQUIRE(exchange.results.size() == 1);
  CHECK(exchange.results[0].outcome == EnhancedOutcome::proceed_with_data);
  CHECK(exchange.results[0].data.size() == 3);
}

TEST_CASE("a step without an answer, and one that goes on without data, are refused") {
  Exchange exchange;
  exchange.method.defers = true;
  CHECK_FALSE(exchange.step(0, "hello").has_value());
  exchange.shard.after_ms(10'000);
  REQUIRE(exchange.results.size() == 1);
  CHECK(exchange.results[0].outcome == EnhancedOutcome::denied);
  CHECK(exchange.results[0].authentication.reason == ReasonCode::not_authorized);
  CHECK_FALSE(exchange.step(0, "hello").has_value());
  exchange.complete(exchange.method.token, Verdict{base::VerdictKind::replace});
  CHECK(exchange.results[1].outcome == EnhancedOutcome::denied);
}

TEST_CASE("the texts of a waiting step are its own") {
  std::string method = "a method with a long name";
  std::vector<uint8_t> data = {1, 2, 3};
  EnhancedAuthenticationEvent event;
  event.authentication_method = method;
  event.authentication_data = data;
  event.own();
  method.assign(method.size(), '!');
  data.assign(3, 0);
  const EnhancedAuthenticationEvent moved = std::move(event);
  CHECK(moved.authentication_method == "a method with a long name");
  CHECK(moved.authentication_data[2] == 3);
}

TEST_CASE("exchanges have different ids") {
  Exchange exchange;
  CHECK(exchange.control.new_exchange_id() != exchange.control.new_exchange_id());
}
