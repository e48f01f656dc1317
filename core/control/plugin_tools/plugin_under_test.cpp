#include "plugin_tools/plugin_under_test.h"

#include <algorithm>
#include <list>

#include "package/settings_schema.h"
#include "plugin_tools/sample_settings.h"

namespace patchbay::plugin_tools {

std::optional<std::string> settings_for(Contract& contract, uint32_t variant) {
  const auto& manifest = contract.report().manifest;
  const auto schema = package::SettingsSchema::parse(manifest ? manifest->config_schema : "");
  std::optional<std::string> settings;
  if (schema) settings = sample_settings(*schema, variant);
  if (!settings) contract.skip("no settings that fit its schema could be made; give the required ones defaults");
  return settings;
}

PluginUnderTest::PluginUnderTest(Contract& contract, testing::host_options options)
    : contract_(contract), file_(contract.file()), host_(std::make_unique<testing::fake_host>(std::move(options))) {
  const auto& manifest = contract.report().manifest;
  if (manifest && manifest->execution == package::Manifest::Execution::worker)
    host_->points.thread_kind = PATCHBAY_THREAD_WORKER;
}

bool PluginUnderTest::start(uint32_t variant) {
  const auto settings = settings_for(contract_, variant);
  if (!settings) return false;
  host_->settings(*settings);
  const patchbay_status status = host_->start(file_.entry());
  return contract_.expect(status == PATCHBAY_OK,
                          "it does not start: status " + std::to_string(status) + ", \"" + host_->errors() + '"');
}

void PluginUnderTest::end() {
  host_->destroy();
  contract_.expect(host_->leaks().none(), "after stop() it still holds " + host_->leaks().text());
  for (const std::string& each : host_->violations()) contract_.fail("against the contract: " + each);
}

std::vector<uint32_t> PluginUnderTest::hooks() const {
  std::vector<uint32_t> numbers;
  for (const auto& each : host_->points.all()) numbers.push_back(each.raw.hook);
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  return numbers;
}

namespace {

/// Lists that events point to, while they are asked.
struct Lists {
  std::vector<patchbay_pair> pairs;
  std::vector<patchbay_str> names;
  std::vector<patchbay_share_member> members;
};

Lists lists_of(const EventInput& input) {
  Lists lists;
  for (size_t index = 0; index < input.list_size; ++index) {
    lists.pairs.push_back({testing::str(input.text), testing::str(input.payload)});
    lists.names.push_back(testing::str(input.text));
    lists.members.push_back({testing::str(input.client_id), index + 1, static_cast<uint32_t>(index % 2), 0});
  }
  return lists;
}

template <class Event>
void fill_texts(Event& event, const EventInput& input) {
#define PATCHBAY_FILL(field, value) \
  if constexpr (requires { event.field = testing::str(value); }) event.field = testing::str(value);
  PATCHBAY_FILL(client_id, input.client_id)
  PATCHBAY_FILL(username, input.username)
  PATCHBAY_FILL(topic, input.topic)
  PATCHBAY_FILL(topic_filter, input.topic_filter)
  PATCHBAY_FILL(identity, input.text)
  PATCHBAY_FILL(listener_id, input.text)
  PATCHBAY_FILL(protocol_name, input.text)
  PATCHBAY_FILL(reason, input.text)
  PATCHBAY_FILL(method, input.text)
  PATCHBAY_FILL(share_name, input.text)
  PATCHBAY_FILL(decided_by, input.text)
  PATCHBAY_FILL(alpn, input.text)
  PATCHBAY_FILL(server_name, input.text)
  PATCHBAY_FILL(websocket_path, input.text)
  PATCHBAY_FILL(websocket_subprotocol, input.text)
  PATCHBAY_FILL(common_name, input.text)
  PATCHBAY_FILL(subject, input.text)
  PATCHBAY_FILL(serial, input.text)
  PATCHBAY_FILL(fingerprint_sha256, input.text)
  PATCHBAY_FILL(user, input.text)
  PATCHBAY_FILL(action, input.text)
  PATCHBAY_FILL(object, input.text)
  PATCHBAY_FILL(before, input.text)
  PATCHBAY_FILL(after, input.text)
  PATCHBAY_FILL(author, input.text)
#undef PATCHBAY_FILL
#define PATCHBAY_FILL(field)                                                   \
  if constexpr (requires { event.field = testing::raw_bytes(input.payload); }) \
    event.field = testing::raw_bytes(input.payload);
  PATCHBAY_FILL(password)
  PATCHBAY_FILL(data)
  PATCHBAY_FILL(raw)
  PATCHBAY_FILL(first_bytes)
  PATCHBAY_FILL(der)
  PATCHBAY_FILL(certificate_der)
#undef PATCHBAY_FILL
}

template <class Event>
void fill_lists(Event& event, const Lists& lists) {
  if constexpr (requires { event.user_properties; }) {
    event.user_properties = lists.pairs.data();
    event.user_property_count = lists.pairs.size();
  }
  if constexpr (requires { event.alternative_names; }) {
    event.alternative_names = lists.names.data();
    event.alternative_name_count = lists.names.size();
  }
  if constexpr (requires { event.members; }) {
    event.members = lists.members.data();
    event.member_count = lists.members.size();
  }
}

template <class Event>
testing::answer ask_with(testing::fake_host& host, uint32_t hook, const EventInput& input) {
  const Lists lists = lists_of(input);
  Event event{};
  fill_texts(event, input);
  fill_lists(event, lists);
  if constexpr (requires { event.client; }) event.client = host.client(input.client_id, input.username);
  if constexpr (requires { event.existing; }) event.existing = event.client;
  if constexpr (requires { event.qos; }) event.qos = input.qos;
  if constexpr (requires { event.retain; }) event.retain = input.retain ? 1 : 0;
  if constexpr (requires { event.has_username; }) event.has_username = event.has_password = 1;
  if constexpr (requires { event.exchange_id; }) event.exchange_id = 1;
  if constexpr (requires { event.action = uint8_t{1}; }) event.action = hook == PATCHBAY_HOOK_acl_subscribe ? 2 : 1;
  if constexpr (requires { event.message; }) {
    const patchbay_message* message = host.all_messages.make(
        {input.topic, input.payload, input.qos, input.retain, input.client_id, {{input.text, input.text}}});
    event.message = message;
    testing::answer answer = host.call(hook, event);
    host.all_messages.forget(message);
    return answer;
  } else {
    return host.call(hook, event);
  }
}

}  // namespace

testing::answer ask(testing::fake_host& host, uint32_t hook, const EventInput& input) {
  switch (hook) {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  case number:                                                                                                      \
    return ask_with<patchbay_##event##_event>(host, hook, input);
#include "patchbay/hooks.def"
    default:
      return {};
  }
}

}  // namespace patchbay::plugin_tools
