#include "plugin_bridge/answers_table.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/enhanced_authentication.h"
#include "base/utf8.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/answer_fields.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr size_t kMaximumData = 65'535;

/// Counts the argument with the instance and makes a handle of it.
uint64_t hand_out(Instance& instance, std::unique_ptr<base::VerdictArgument> argument) {
  instance.held().add(Held::answers);
  return reinterpret_cast<uintptr_t>(argument.release());
}

uint64_t refuse(Instance& instance, const char* function, const std::string& problem) {
  instance.log().host_line(base::LogLevel::warning, std::string("answers.") + function + ": " + problem);
  return 0;
}

/// Takes a share over that the plugin held.
mqtt::MessageRef take_share(Instance& instance, const patchbay_message* message) {
  instance.held().remove(Held::message_references);
  return mqtt::MessageRef::adopt(from_abi(message));
}

uint64_t text(const patchbay_host* host, patchbay_str given) noexcept {
  Instance& instance = Instance::of(host);
  if (given.len > kMaximumData || !base::is_clean_utf8(text_of(given)))
    return refuse(instance, "text", "no UTF-8 text");
  return hand_out(instance, std::make_unique<hooks::ReplacementText>(std::string(text_of(given))));
}

uint64_t data(const patchbay_host* host, patchbay_bytes given) noexcept {
  Instance& instance = Instance::of(host);
  if (given.len > kMaximumData) return refuse(instance, "data", "longer than 65535 bytes");
  auto argument = std::make_unique<access::AuthenticationData>();
  const auto bytes = bytes_of(given);
  argument->data.assign(bytes.begin(), bytes.end());
  return hand_out(instance, std::move(argument));
}

uint64_t message(const patchbay_host* host, const patchbay_message* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "message", "null");
  return hand_out(instance, std::make_unique<hooks::ReplacementMessage>(take_share(instance, given)));
}

uint64_t messages(const patchbay_host* host, const patchbay_message* const* given, size_t count) noexcept {
  Instance& instance = Instance::of(host);
  std::vector<mqtt::MessageRef> all;
  for (size_t i = 0; i < count; ++i) {
    if (given[i] != nullptr) all.push_back(take_share(instance, given[i]));
  }
  if (count > hooks::RetainLookupEvent::kMaximumExtra) return refuse(instance, "messages", "more than 256 messages");
  return hand_out(instance, std::make_unique<hooks::RetainedExtra>(std::move(all)));
}

uint64_t grant(const patchbay_host* host, const patchbay_grant* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "grant", "null");
  auto argument = std::make_unique<access::AuthenticationGrant>();
  if (std::string problem = take_grant(*given, *argument); !problem.empty()) return refuse(instance, "grant", problem);
  return hand_out(instance, std::move(argument));
}

uint64_t enhanced(const patchbay_host* host, const patchbay_grant* given, patchbay_bytes last) noexcept {
  Instance& instance = Instance::of(host);
  if (last.len > kMaximumData) return refuse(instance, "enhanced", "the data is longer than 65535 bytes");
  auto argument = std::make_unique<access::EnhancedGrant>();
  if (given != nullptr) {
    const std::string problem = take_grant(*given, argument->grant);
    if (!problem.empty()) return refuse(instance, "enhanced", problem);
  }
  const auto bytes = bytes_of(last);
  argument->data.assign(bytes.begin(), bytes.end());
  return hand_out(instance, std::move(argument));
}

uint64_t connect(const patchbay_host* host, const patchbay_connect_fields* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "connect", "null");
  auto argument = std::make_unique<hooks::ConnectReplacement>();
  const std::string problem = take_connect(*given, *argument);
  return problem.empty() ? hand_out(instance, std::move(argument)) : refuse(instance, "connect", problem);
}

uint64_t limits(const patchbay_host* host, const patchbay_limits* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "limits", "null");
  const patchbay_limits known = read_abi(given);
  const access::ConnectionAllowance allowance{known.bytes_per_s, known.messages_per_s, known.maximum_packet_size};
  return hand_out(instance, std::make_unique<hooks::ConnectionLimits>(allowance));
}

uint64_t certificate(const patchbay_host* host, const patchbay_certificate_identity* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "certificate", "null");
  const patchbay_certificate_identity known = read_abi(given);
  if (!base::is_clean_utf8(text_of(known.username)) || !base::is_clean_utf8(text_of(known.client_id))) {
    return refuse(instance, "certificate", "no UTF-8 text");
  }
  auto argument = std::make_unique<hooks::CertificateIdentity>();
  argument->username = text_of(known.username);
  argument->client_id = text_of(known.client_id);
  return hand_out(instance, std::move(argument));
}

uint64_t session(const patchbay_host* host, const patchbay_session_fields* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "session", "null");
  auto argument = std::make_unique<hooks::SessionGrant>();
  const std::string problem = take_session(*given, argument->terms);
  return problem.empty() ? hand_out(instance, std::move(argument)) : refuse(instance, "session", problem);
}

uint64_t subscription(const patchbay_host* host, const patchbay_subscription* given, size_t count) noexcept {
  Instance& instance = Instance::of(host);
  auto argument = std::make_unique<hooks::SubscribeReplacement>();
  const std::string problem = take_subscriptions(given, count, *argument);
  return problem.empty() ? hand_out(instance, std::move(argument)) : refuse(instance, "subscription", problem);
}

uint64_t reply(const patchbay_host* host, const patchbay_reply_fields* given) noexcept {
  Instance& instance = Instance::of(host);
  if (given == nullptr) return refuse(instance, "reply", "null");
  auto argument = std::make_unique<hooks::ReplyProperties>();
  const std::string problem = take_reply(*given, *argument);
  return problem.empty() ? hand_out(instance, std::move(argument)) : refuse(instance, "reply", problem);
}

uint64_t retained(const patchbay_host* host, const patchbay_message* given, uint32_t time_to_live_s) noexcept {
  Instance& instance = Instance::of(host);
  mqtt::MessageRef kept = given == nullptr ? mqtt::MessageRef{} : take_share(instance, given);
  return hand_out(instance, std::make_unique<hooks::RetainedAnswer>(std::move(kept), time_to_live_s));
}

void discard(const patchbay_host* host, uint64_t handle) noexcept {
  if (handle == 0) return;
  delete reinterpret_cast<base::VerdictArgument*>(static_cast<uintptr_t>(handle));
  Instance::of(host).held().remove(Held::answers);
}

constexpr patchbay_answers kTable{sizeof(patchbay_answers),
                                  0,
                                  &text,
                                  &data,
                                  &message,
                                  &messages,
                                  &grant,
                                  &enhanced,
                                  &connect,
                                  &limits,
                                  &certificate,
                                  &session,
                                  &subscription,
                                  &reply,
                                  &retained,
                                  &discard};

}  // namespace

const patchbay_answers& answers_table() {
  return kTable;
}

}  // namespace patchbay::plugin_bridge
