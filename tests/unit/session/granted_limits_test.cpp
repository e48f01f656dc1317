#include "session/granted_limits.h"

#include <catch2/catch.hpp>

using namespace patchbay;
using hooks::SessionTerms;
using session::GrantedLimits;
using session::SessionLimits;

namespace {

SessionTerms receive_maximum(uint16_t value) {
  SessionTerms terms;
  terms.receive_maximum = value;
  return terms;
}

}  // namespace

TEST_CASE("granted limits: equal terms share one set, nothing granted keeps the common one") {
  const auto limits = std::make_shared<const SessionLimits>();
  GrantedLimits grants;
  const mqtt::Connect connect;
  CHECK(grants.apply({}, connect, limits) == limits);
  CHECK(grants.apply(receive_maximum(limits->receive_maximum), connect, limits) == limits);
  CHECK(grants.shared() == 0);
  auto first = grants.apply(receive_maximum(5), connect, limits);
  CHECK(first != limits);
  CHECK(first->receive_maximum == 5);
  CHECK(grants.apply(receive_maximum(5), connect, limits) == first);
  auto second = grants.apply(receive_maximum(6), connect, limits);
  CHECK(second != first);
  CHECK(grants.shared() == 2);
  const auto reloaded = std::make_shared<const SessionLimits>();
  CHECK(grants.apply(receive_maximum(5), connect, reloaded) != first);  // a reload starts anew
  first.reset();
  second.reset();
  const auto third = grants.apply(receive_maximum(7), connect, limits);
  CHECK(grants.shared() == 1);  // nobody uses the others any more
}

TEST_CASE("granted limits: what is shared is bounded, what is granted is not") {
  const auto limits = std::make_shared<const SessionLimits>();
  GrantedLimits grants;
  std::vector<std::shared_ptr<const SessionLimits>> kept;
  for (uint16_t value = 1; value <= 80; ++value) kept.push_back(grants.apply(receive_maximum(value), {}, limits));
  CHECK(grants.shared() == GrantedLimits::kMaximumShared);
  CHECK(kept.back()->receive_maximum == 80);
}

TEST_CASE("granted limits: clients that cannot be told keep the common ones, and session expiry has its rules") {
  const auto limits = std::make_shared<const SessionLimits>();
  GrantedLimits grants;
  mqtt::Connect connect;
  connect.version = mqtt::ProtocolVersion::v3_1_1;
  CHECK(grants.apply(receive_maximum(5), connect, limits) == limits);
  SessionTerms terms;
  CHECK_FALSE(session::granted_session_expiry(terms, connect, *limits));
  terms.session_expiry_interval_s = 0xFFFFFFFF;
  connect.clean_start = true;
  CHECK_FALSE(session::granted_session_expiry(terms, connect, *limits));
  connect.clean_start = false;
  CHECK(session::granted_session_expiry(terms, connect, *limits) == limits->maximum_session_expiry_interval_s);
  connect.version = mqtt::ProtocolVersion::v5;
  connect.properties.set(mqtt::PropertyId::session_expiry_interval, 100U);
  terms.session_expiry_interval_s = 30;
  CHECK(grants.apply(terms, connect, limits)->maximum_session_expiry_interval_s == 30);
  terms.session_expiry_interval_s = 300;  // more than asked for: DISCONNECT may still choose
  CHECK(grants.apply(terms, connect, limits) == limits);
}
