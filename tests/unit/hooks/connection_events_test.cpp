// What the points of the connection layer take for an answer.

#include "hooks/connection_events.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/enhanced_authentication.h"
#include "hooks/replacements.h"

using namespace patchbay;
using base::Verdict;
using base::VerdictKind;

namespace {

Verdict allows_key(std::vector<uint8_t> key) {
  auto data = std::make_unique<access::AuthenticationData>();
  data->data = std::move(key);
  return Verdict::allows_with(std::move(data));
}

template <class Event>
bool apply(Event& event, Verdict verdict) {
  return event.apply(verdict);
}

}  // namespace

TEST_CASE("conn.accept takes allow and deny; a drop is a deny") {
  hooks::ConnAcceptEvent event;
  CHECK_FALSE(apply(event, Verdict::proceeds()));
  CHECK_FALSE(event.denied);
  CHECK(apply(event, Verdict::allows()));
  CHECK_FALSE(event.denied);
  CHECK(apply(event, Verdict::denies()));
  CHECK(event.denied);
  hooks::ConnAcceptEvent dropped;
  CHECK(apply(dropped, Verdict::drops()));
  CHECK(dropped.denied);
}

TEST_CASE("conn.detect takes a protocol's name, and waits only while more may come") {
  hooks::ConnDetectEvent event;
  CHECK(apply(event, Verdict::allows_with(std::make_unique<hooks::ReplacementText>("STOMP"))));
  CHECK(event.protocol == "STOMP");

  hooks::ConnDetectEvent nameless;
  CHECK(apply(nameless, Verdict::allows()));
  CHECK(nameless.protocol.empty());

  hooks::ConnDetectEvent waiting;
  waiting.may_wait = true;
  CHECK(apply(waiting, Verdict::drops()));
  CHECK(waiting.wants_more);

  hooks::ConnDetectEvent full;
  CHECK_FALSE(apply(full, Verdict::drops()));
  CHECK_FALSE(full.wants_more);

  CHECK(apply(full, Verdict::denies()));
  CHECK(full.denied);
}

TEST_CASE("conn.tls_psk takes a key; an argument of another kind is none") {
  hooks::ConnTlsPskEvent event;
  CHECK_FALSE(apply(event, Verdict::proceeds()));
  CHECK(apply(event, allows_key({1, 2, 3})));
  CHECK(event.key == std::vector<uint8_t>{1, 2, 3});

  hooks::ConnTlsPskEvent mistaken;
  CHECK(apply(mistaken, Verdict::allows_with(std::make_unique<hooks::ReplacementText>("key"))));
  CHECK(mistaken.key.empty());
  CHECK(apply(mistaken, Verdict::denies()));
  CHECK(mistaken.key.empty());
}

TEST_CASE("conn.tls_cert takes names for the client; a missing answer is never an opinion") {
  hooks::ConnTlsCertEvent event;
  auto identity = std::make_unique<hooks::CertificateIdentity>();
  identity->username = "device-7";
  identity->client_id = "d7";
  CHECK(apply(event, Verdict::allows_with(std::move(identity))));
  CHECK(event.username == "device-7");
  CHECK(event.client_id == "d7");
  CHECK_FALSE(event.denied);
  CHECK(apply(event, Verdict::denies()));
  CHECK(event.denied);
  CHECK(hooks::ConnTlsCertEvent::kOnMissing == base::OnMissing::fallback_never_next);
}

TEST_CASE("conn.limits takes limits and nothing else") {
  hooks::ConnLimitsEvent event;
  CHECK_FALSE(apply(event, Verdict::denies()));
  CHECK_FALSE(event.allowance.is_set());
  CHECK(apply(event, Verdict::allows_with(
                         std::make_unique<hooks::ConnectionLimits>(access::ConnectionAllowance{1'000, 10, 512}))));
  CHECK(event.allowance.bytes_per_s == 1'000);
  CHECK(event.allowance.messages_per_s == 10);
  CHECK(event.allowance.maximum_packet_size == 512);
}
