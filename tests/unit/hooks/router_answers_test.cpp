// What the events of the router layer make of answers.

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hooks/hook_points.h"
#include "hooks/replacements.h"
#include "hooks/router_events.h"

using namespace patchbay;
using namespace patchbay::hooks;
using base::Verdict;
using mqtt::MessageRef;

namespace {

template <class Event>
bool apply(Event& event, Verdict verdict) {
  const bool over = event.apply(verdict);
  CHECK_FALSE(verdict.has(Verdict::owns_argument));  // taken or destroyed, whatever it was
  return over;
}

MessageRef message(std::string_view topic) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  return mqtt::Message::create(fields);
}

Verdict text(std::string value) {
  return Verdict::replaces_with(std::make_unique<ReplacementText>(std::move(value)));
}

Verdict brings(std::vector<MessageRef> messages) {
  return Verdict::allows_with(std::make_unique<RetainedExtra>(std::move(messages)));
}

/// Counts how often it is asked.
class Members final : public ShareMembers {
 public:
  [[nodiscard]] std::span<const ShareMember> get() override {
    ++asked;
    return members;
  }
  std::vector<ShareMember> members{{"a", 1, true}, {"b", 2, false}};
  int asked = 0;
};

}  // namespace

TEST_CASE("publish.unrouted: the first other topic ends the run") {
  PublishUnroutedEvent event;
  event.message = message("t");
  CHECK_FALSE(apply(event, Verdict::drops()));
  CHECK_FALSE(apply(event, text("\xFF")));
  CHECK_FALSE(apply(event, brings({message("t")})));
  CHECK_FALSE(event.replaced);
  CHECK(apply(event, text("dead")));
  const PublishUnroutedEvent moved = std::move(event);
  CHECK((moved.replaced && moved.topic == "dead"));
}

TEST_CASE("share.pick: a number is an answer, members are gathered only for who asks") {
  Members members;
  SharePickEvent event;
  event.source = &members;
  CHECK_FALSE(apply(event, Verdict::proceeds()));
  CHECK_FALSE(apply(event, Verdict::denies()));
  CHECK_FALSE(apply(event, brings({})));
  Verdict fallback = Verdict::allows();
  fallback.flags = Verdict::is_fallback;  // the entry failed: that is no choice
  CHECK_FALSE(apply(event, fallback));
  CHECK_FALSE(event.picked);
  Verdict second = Verdict::allows();
  second.argument = 1;
  CHECK(apply(event, second));
  CHECK(event.picked == size_t{1});
  CHECK(members.asked == 0);
  CHECK(event.members()[1].client_id == "b");
  CHECK(members.asked == 1);
}

TEST_CASE("retain.store: refusal ends, replacement and time to live are taken apart from each other") {
  RetainStoreEvent event;
  const MessageRef original = message("t");
  event.message = original;
  const auto answers = [](MessageRef changed, uint32_t seconds) {
    return Verdict::replaces_with(std::make_unique<RetainedAnswer>(std::move(changed), seconds));
  };
  CHECK_FALSE(apply(event, answers({}, 7)));
  CHECK((!event.replaced && event.time_to_live_s == 7 && event.message == original));
  CHECK_FALSE(apply(event, answers(message("u"), 0)));
  CHECK((event.replaced && event.time_to_live_s == 7 && event.message->topic() == "u"));
  CHECK_FALSE(apply(event, Verdict::replaces_with(std::make_unique<ReplacementMessage>(message("v")))));
  CHECK(event.message->topic() == "v");
  CHECK_FALSE(apply(event, answers(message("\xFF"), 0)));
  CHECK_FALSE(apply(event, text("w")));
  CHECK(event.message->topic() == "v");
  CHECK(apply(event, Verdict::drops()));
  CHECK(event.refused);
  RetainStoreEvent denied;
  denied.message = original;
  CHECK(apply(denied, Verdict::denies()));
  CHECK(denied.refused);
}

TEST_CASE("retain.lookup: the first that brings messages ends the run; what cannot be sent is left out") {
  RetainLookupEvent event;
  CHECK_FALSE(apply(event, Verdict::allows()));
  CHECK_FALSE(apply(event, text("x")));
  CHECK_FALSE(apply(event, Verdict::denies()));
  std::vector<MessageRef> many{MessageRef(), message("\xFF")};
  for (size_t i = 0; i < RetainLookupEvent::kMaximumExtra + 10; ++i) many.push_back(message("t"));
  CHECK(apply(event, brings(std::move(many))));
  CHECK(event.extra.size() == RetainLookupEvent::kMaximumExtra);
  CHECK(event.extra.front()->topic() == "t");
  RetainLookupEvent none;
  CHECK(apply(none, brings({})));  // an answer: nothing more
}

TEST_CASE("hooks that are called for each receiver need a topic filter, others don't") {
  size_t needing = 0;
  for (const HookInfo& hook : all_hooks()) needing += hook.needs_topic_filter() ? 1 : 0;
  CHECK(needing == 2);
  CHECK(hook_info(HookId::deliver_before).needs_topic_filter());
  CHECK(hook_info(HookId::acl_deliver).needs_topic_filter());
  CHECK_FALSE(hook_info(HookId::deliver_sent).needs_topic_filter());
}

TEST_CASE("messages of plugins carry their origin and depth in what they have anyway") {
  mqtt::MessageFields fields;
  fields.topic = "t";
  fields.publisher_handle = 12;
  CHECK(mqtt::Message::create(fields)->origin_instance() == 0);
  for (uint16_t depth = 1; depth <= mqtt::MessageFlags::kMaximumPluginDepth; ++depth) {
    fields.flags = static_cast<uint16_t>(mqtt::MessageFlags::with_plugin_depth(depth) | mqtt::MessageFlags::retained);
    const MessageRef made = mqtt::Message::create(fields);
    CHECK(made->origin_instance() == 12);
    CHECK(made->plugin_depth() == depth);
    CHECK(made->has_flag(mqtt::MessageFlags::retained));
  }
  CHECK(sizeof(mqtt::Message) == 48);
}
