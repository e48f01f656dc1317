#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "hooks/acknowledgement_hold.h"
#include "mqtt/application_message.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"

/// What the hook points of the router layer show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// publish.routed. A message for which publish.unrouted named another topic is told with what came of that, as far as
/// it is known by then.
struct PublishRoutedEvent {
  const ClientInfo* client = nullptr;  ///< null: published by the broker or another node
  const mqtt::Message* message = nullptr;
  uint32_t receivers = 0;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
};

/// publish.rewrite, before access control. Takes replace (ReplacementText: another topic name); anything else means
/// unchanged. Doesn't defer. The caller validates the new topic.
struct PublishRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view topic;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  bool replaced = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic; }
  bool apply(base::Verdict& verdict);
  void own() {}

 private:
  std::unique_ptr<std::string> text_;
};

/// publish.accept, after access control, before routing. Takes proceed, allow (ends the decisions), replace
/// (ReplacementMessage), drop (quietly: acknowledged as if routed), deny(reason), and Verdict::holds_ack(): the message
/// is routed now and acknowledged when the token is completed. May defer.
struct PublishAcceptEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);
  enum class Outcome : uint8_t { proceed, drop, deny };

  const ClientInfo* client = nullptr;
  mqtt::MessageRef message;
  Outcome outcome = Outcome::proceed;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< of a denial
  bool replaced = false;                                ///< topic or retain may differ: validate and authorise again
  std::unique_ptr<AcknowledgementHold> acknowledgement_hold;  ///< when set, acknowledge only when it is complete

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
  void hold(base::Token token, uint32_t deadline_ms, base::Verdict late, base::Deferrals& deferrals);
};

/// publish.unrouted: nobody receives the message. Takes replace (ReplacementText: another topic, for which validation,
/// access control in the publisher's name and routing are tried once more; the copy is not retained). Doesn't defer.
/// Observers see whether there is another try.
struct PublishUnroutedEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;  ///< null: published by the broker, a plugin or another node, or gone
  mqtt::MessageRef message;
  std::string_view topic;  ///< of the next try; valid when `replaced`
  bool replaced = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}

 private:
  std::unique_ptr<std::string> text_;
};

/// A member of a shared group, as share.pick shows it.
struct ShareMember {
  std::string_view client_id;  ///< empty: a plugin's own subscription
  uint64_t handle = 0;         ///< as in ClientInfo
  bool online = false;
};

/// Role: the members of a group, gathered when somebody asks. [shard]
class ShareMembers {
 public:
  virtual ~ShareMembers() = default;
  /// Valid during the hook's call; of a group beyond kMaximumShown, the first ones.
  [[nodiscard]] virtual std::span<const ShareMember> get() = 0;

  static constexpr size_t kMaximumShown = 4096;
};

/// share.pick: which member of a shared group gets the message. Takes allow with the index of the member; anything
/// else, and an index that is none, leaves it to the group's strategy. Doesn't defer.
struct SharePickEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const mqtt::Message* message = nullptr;
  std::string_view share_name;
  std::string_view topic_filter;  ///< without its $share prefix
  ShareMembers* source = nullptr;
  std::optional<size_t> picked;

  [[nodiscard]] std::span<const ShareMember> members() const { return source->get(); }
  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// The argument of Verdict::replaces_with() at retain.store.
class RetainedAnswer final : public base::VerdictArgument {
 public:
  RetainedAnswer() = default;
  RetainedAnswer(mqtt::MessageRef value, uint32_t seconds) : message(std::move(value)), time_to_live_s(seconds) {}
  mqtt::MessageRef message;     ///< null: as it is
  uint32_t time_to_live_s = 0;  ///< becomes the stored message's expiry interval; 0: as it is
};

/// retain.store, before a message is kept as its topic's retained one (or, with an empty payload, removes it); it is
/// delivered all the same. Takes deny and drop (not kept), replace (RetainedAnswer, ReplacementMessage). What is kept
/// instead is validated, and authorised in the publisher's name. May defer; later ones of the same topic from the same
/// shard wait behind it.
struct RetainStoreEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;  ///< null: published by the broker, a plugin or another node, or gone
  mqtt::MessageRef message;
  uint32_t time_to_live_s = 0;
  bool refused = false;
  bool replaced = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// The argument of Verdict::allows_with() at retain.lookup.
class RetainedExtra final : public base::VerdictArgument {
 public:
  RetainedExtra() = default;
  explicit RetainedExtra(std::vector<mqtt::MessageRef> value) : messages(std::move(value)) {}
  std::vector<mqtt::MessageRef> messages;
};

/// retain.lookup, for a new subscription that gets retained messages. Takes allow or replace (RetainedExtra): they are
/// sent besides the stored ones, after the SUBACK. Those whose topics the filter doesn't match are ignored, since the
/// client was authorised for the filter only. May defer.
struct RetainLookupEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);
  /// Messages of one answer; more are ignored.
  static constexpr size_t kMaximumExtra = 256;

  const ClientInfo* client = nullptr;
  std::string_view topic_filter;  ///< the asker keeps it alive
  std::vector<mqtt::MessageRef> extra;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
