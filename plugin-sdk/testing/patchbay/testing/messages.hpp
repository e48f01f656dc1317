// SPDX-License-Identifier: Apache-2.0
// Messages of the fake host: counted, and remembered after their end so that a late use is named.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "patchbay/testing/core.hpp"

namespace patchbay::testing {

/// What a message says, for tests to give and to read.
struct message_fields {
  std::string topic;
  std::string payload;
  std::uint8_t qos = 0;
  bool retain = false;
  std::string publisher_client_id = {};
  std::vector<std::pair<std::string, std::string>> user_properties = {};
  std::optional<std::uint32_t> expiry_s = {};
  std::string content_type = {};
  std::string response_topic = {};
  std::string correlation_data = {};
  std::uint16_t flags = 0;
};

}  // namespace patchbay::testing

/// The opaque message of the ABI, completed for the fake host.
struct patchbay_message {
  patchbay::testing::message_fields fields;
  std::uint32_t origin_instance = 0;
  std::uint32_t test_shares = 0;    ///< held by the test or the fake host itself
  std::uint32_t plugin_shares = 0;  ///< held by the plugin
  patchbay_bytes adopted{nullptr, 0};
  void (*payload_free)(void*) = nullptr;
  void* payload_arg = nullptr;
  bool dead = false;
};

namespace patchbay::testing {

class messages : public part<messages> {
 public:
  explicit messages(core& shared) : part(shared) {
    auto& table = shared.table;
    table.message_ref = [](const patchbay_host* h, const patchbay_message* m) { return of(h).ref(m); };
    table.message_unref = [](const patchbay_host* h, const patchbay_message* m) { of(h).unref(m); };
    table.message_view = [](const patchbay_host* h, const patchbay_message* m, patchbay_message_view* out) {
      of(h).view(m, out);
    };
    table.message_property_at = [](const patchbay_host* h, const patchbay_message* m, std::uint32_t index,
                                   patchbay_property* out) { return of(h).property_at(m, index, out); };
    table.message_create = [](const patchbay_host* h, const patchbay_message* base, const patchbay_message_fields* f) {
      return of(h).create(base, f);
    };
  }
  ~messages() {
    for (auto& each : all_) release_payload(*each);
  }

  /// A message of the test's own; the fake host holds it until forget().
  const patchbay_message* make(message_fields fields) {
    const std::lock_guard lock(core_.mutex);
    all_.push_back(std::make_unique<patchbay_message>());
    all_.back()->fields = std::move(fields);
    all_.back()->test_shares = 1;
    return all_.back().get();
  }
  /// Gives a share of the test's back.
  void forget(const patchbay_message* which) {
    const std::lock_guard lock(core_.mutex);
    auto& m = *const_cast<patchbay_message*>(which);
    if (m.test_shares > 0) --m.test_shares;
    bury_if_unused(m);
  }
  /// The plugin gives its share to the host.
  bool take_over(const patchbay_message* which, const char* function) {
    const std::lock_guard lock(core_.mutex);
    auto* m = const_cast<patchbay_message*>(which);
    if (m == nullptr || m->dead || m->plugin_shares == 0) {
      core_.violation(std::string(function) + ": the plugin has no share of that message");
      return false;
    }
    --m->plugin_shares;
    ++m->test_shares;
    return true;
  }
  static message_fields fields_of(const patchbay_message* m) {
    message_fields out = m->fields;
    if (m->payload_free != nullptr) out.payload = std::string(text(m->adopted));
    return out;
  }
  std::uint32_t plugin_shares() {
    const std::lock_guard lock(core_.mutex);
    std::uint32_t sum = 0;
    for (const auto& each : all_) sum += each->plugin_shares;
    return sum;
  }
  /// Messages that hold memory of the plugin.
  std::uint32_t adopted() {
    const std::lock_guard lock(core_.mutex);
    std::uint32_t sum = 0;
    for (const auto& each : all_) sum += !each->dead && each->payload_free != nullptr ? 1 : 0;
    return sum;
  }
  /// The instance drains: memory of the plugin is copied and given back.
  void copy_out() {
    const std::lock_guard lock(core_.mutex);
    for (auto& each : all_) {
      if (each->payload_free == nullptr) continue;
      each->fields.payload = std::string(text(each->adopted));
      release_payload(*each);
    }
  }
  void instance_number(std::uint32_t number) { instance_number_ = number; }

 private:
  bool usable(const patchbay_message* m, const char* function) {
    if (m != nullptr && !m->dead) return true;
    core_.violation(std::string(function) + (m == nullptr ? ": no message" : ": the message is gone"));
    return false;
  }
  const patchbay_message* ref(const patchbay_message* m) {
    const std::lock_guard lock(core_.mutex);
    core_.enter("message_ref", false);
    if (usable(m, "message_ref")) ++const_cast<patchbay_message*>(m)->plugin_shares;
    return m;
  }
  void unref(const patchbay_message* which) {
    const std::lock_guard lock(core_.mutex);
    core_.enter("message_unref", false);
    auto* m = const_cast<patchbay_message*>(which);
    if (!usable(m, "message_unref")) return;
    if (m->plugin_shares == 0) return core_.violation("message_unref: the plugin has no share of that message");
    --m->plugin_shares;
    bury_if_unused(*m);
  }
  void view(const patchbay_message* m, patchbay_message_view* out) {
    const std::lock_guard lock(core_.mutex);
    const std::uint32_t size = out->size;
    patchbay_message_view full{};
    if (usable(m, "message_view")) {
      const auto& f = m->fields;
      full.qos = f.qos;
      full.retain = f.retain ? 1 : 0;
      full.flags = f.flags;
      full.topic = str(f.topic);
      full.payload = m->payload_free != nullptr ? m->adopted : raw_bytes(f.payload);
      full.publisher_client_id = str(f.publisher_client_id);
      full.received_at_unix_ms = static_cast<std::int64_t>(core_.now_ms + core_.unix_offset_ms);
      full.has_message_expiry_interval = f.expiry_s ? 1 : 0;
      full.message_expiry_interval_s = f.expiry_s.value_or(0);
      full.origin_instance = m->origin_instance;
    }
    full.size = size < sizeof full ? size : sizeof full;
    std::memcpy(out, &full, full.size);
  }
  patchbay_status property_at(const patchbay_message* m, std::uint32_t index, patchbay_property* out) {
    const std::lock_guard lock(core_.mutex);
    if (!usable(m, "message_property_at")) return PATCHBAY_NOT_FOUND;
    const auto& f = m->fields;
    const std::uint32_t size = out->size;
    patchbay_property full{};
    const auto give = [&](std::uint32_t id, std::uint64_t number, std::string_view name, std::string_view value) {
      full = {size, id, number, raw_bytes(name), raw_bytes(value)};
      std::memcpy(out, &full, size < sizeof full ? size : sizeof full);
      return patchbay_status{PATCHBAY_OK};
    };
    if (!f.content_type.empty() && index-- == 0) return give(0x03, 0, {}, f.content_type);
    if (!f.response_topic.empty() && index-- == 0) return give(0x08, 0, {}, f.response_topic);
    if (!f.correlation_data.empty() && index-- == 0) return give(0x09, 0, {}, f.correlation_data);
    if (index >= f.user_properties.size()) return PATCHBAY_NOT_FOUND;
    return give(0x26, 0, f.user_properties[index].first, f.user_properties[index].second);
  }
  const patchbay_message* create(const patchbay_message* base, const patchbay_message_fields* f) {
    const std::lock_guard lock(core_.mutex);
    const bool has = (f->present & PATCHBAY_FIELD_PAYLOAD) != 0;
    const auto refuse = [&](const char* why) -> const patchbay_message* {
      if (has && f->payload_free != nullptr) f->payload_free(f->payload_arg);
      core_.log.push_back({PATCHBAY_LOG_ERROR, std::string("message_create: ") + why});
      return nullptr;
    };
    if (core_.enter("message_create") != PATCHBAY_OK) return refuse("no memory");
    if (base != nullptr && !usable(base, "message_create")) return refuse("the base message is gone");
    message_fields fields = base == nullptr ? message_fields{} : fields_of(base);
    apply(*f, fields);
    if (fields.topic.empty() || fields.topic.find_first_of("+#") != std::string::npos || fields.qos > 2) {
      return refuse("INVALID topic or QoS");
    }
    all_.push_back(std::make_unique<patchbay_message>());
    auto& made = *all_.back();
    made.fields = std::move(fields);
    made.plugin_shares = 1;
    made.origin_instance = instance_number_;
    if (has && f->payload_free != nullptr) {
      made.adopted = f->payload;
      made.payload_free = f->payload_free;
      made.payload_arg = f->payload_arg;
    }
    return &made;
  }
  static void apply(const patchbay_message_fields& f, message_fields& out) {
    const auto has = [&](std::uint32_t field) { return (f.present & field) != 0; };
    if (has(PATCHBAY_FIELD_TOPIC)) out.topic = text(f.topic);
    if (has(PATCHBAY_FIELD_PAYLOAD))
      out.payload = f.payload_free == nullptr ? std::string(text(f.payload)) : std::string();
    if (has(PATCHBAY_FIELD_QOS)) out.qos = f.qos;
    if (has(PATCHBAY_FIELD_RETAIN)) out.retain = f.retain != 0;
    if (has(PATCHBAY_FIELD_EXPIRY)) out.expiry_s = f.message_expiry_interval_s;
    if (has(PATCHBAY_FIELD_CONTENT_TYPE)) out.content_type = text(f.content_type);
    if (has(PATCHBAY_FIELD_RESPONSE_TOPIC)) out.response_topic = text(f.response_topic);
    if (has(PATCHBAY_FIELD_CORRELATION_DATA)) out.correlation_data = text(f.correlation_data);
    if (has(PATCHBAY_FIELD_PUBLISHER)) out.publisher_client_id = text(f.publisher_client_id);
    if (!has(PATCHBAY_FIELD_USER_PROPERTIES)) return;
    out.user_properties.clear();
    for (std::size_t i = 0; i < f.user_property_count; ++i) {
      out.user_properties.emplace_back(text(f.user_properties[i].name), text(f.user_properties[i].value));
    }
  }
  void bury_if_unused(patchbay_message& m) {
    if (m.test_shares + m.plugin_shares != 0) return;
    m.dead = true;
    release_payload(m);
    m.fields = {};  // what still looks at it is seen by the address sanitizer
  }
  static void release_payload(patchbay_message& m) {
    if (m.payload_free != nullptr) m.payload_free(m.payload_arg);
    m.payload_free = nullptr;
  }
  std::vector<std::unique_ptr<patchbay_message>> all_;
  std::uint32_t instance_number_ = 1;
};

}  // namespace patchbay::testing
