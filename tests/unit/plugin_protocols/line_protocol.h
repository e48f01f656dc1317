#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/application_message.h"
#include "patchbay/protocol.h"

namespace patchbay::test {

/// A protocol as a plugin would provide it: lines such as "CONNECT <client id>", "PUB <topic> <payload> <qos>",
/// "SUB <filter> <qos> <subscription id>", "UNSUB <filter>", "BYE", answered by lines. What it is told is kept.
class LineProtocol {
 public:
  struct State {
    LineProtocol* protocol = nullptr;
    patchbay_connection* connection = nullptr;
    std::string listener_id;
    uint16_t peer_port = 0;
  };

  explicit LineProtocol(const patchbay_broker_client& with) : host(with) {}

  static const patchbay_protocol& table() {
    static const patchbay_protocol kTable{sizeof(patchbay_protocol),
                                          0,
                                          describe,
                                          conn_open,
                                          on_bytes,
                                          on_deliver,
                                          on_result,
                                          on_timer,
                                          on_writable,
                                          on_kick,
                                          on_close,
                                          freeze,
                                          thaw};
    return kTable;
  }
  static const patchbay_protocol_description* describe(void*) {
    static const patchbay_str kAlpn[] = {{"line", 4}};
    static const patchbay_protocol_description kDescription{sizeof(patchbay_protocol_description),
                                                            PATCHBAY_TRANSPORT_TCP,
                                                            {"line", 4},
                                                            {"LINE", 4},
                                                            nullptr,
                                                            0,
                                                            kAlpn,
                                                            1,
                                                            64,
                                                            0};
    return &kDescription;
  }

  const patchbay_broker_client& host;
  State* last = nullptr;     ///< the connection that was opened last
  bool refuses = false;      ///< conn_open() answers null
  bool throws = false;       ///< on_bytes() throws
  size_t takes = SIZE_MAX;   ///< of a batch of deliveries
  bool acknowledges = true;  ///< deliveries, at once
  bool closes_when_kicked = true;
  std::vector<std::string> results;  ///< "<operation> <reason>[ present][ qos n][ receivers n][ text]"
  std::vector<std::string> deliveries;
  std::vector<size_t> batches;  ///< how many deliveries each call brought
  std::vector<uint64_t> open_deliveries;
  std::vector<std::string> events;  ///< "open", "timer", "writable", "kick n", "close n"
  std::string username;
  std::string password;
  uint32_t session_expiry_interval_s = 0;
  uint32_t receive_maximum = 0;
  uint16_t keep_alive_s = 0;
  bool clean_start = true;
  std::string will_topic;

 private:
  static State& state_of(void* state) { return *static_cast<State*>(state); }

  static void* conn_open(void* self, patchbay_connection* connection, const patchbay_connection_info* info) {
    auto& protocol = *static_cast<LineProtocol*>(self);
    if (protocol.refuses) return nullptr;
    protocol.events.emplace_back("open");
    protocol.last =
        new State{&protocol, connection, std::string(info->listener_id.ptr, info->listener_id.len), info->peer_port};
    return protocol.last;
  }

  static size_t on_bytes(void* raw, patchbay_bytes bytes, size_t* need) {
    State& state = state_of(raw);
    if (state.protocol->throws) throw std::runtime_error("line protocol");
    const std::string_view text(reinterpret_cast<const char*>(bytes.ptr), bytes.len);
    size_t consumed = 0;
    for (size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n', consumed)) {
      state.protocol->on_line(state, std::string(text.substr(consumed, end - consumed)));
      consumed = end + 1;
    }
    *need = 0;
    return consumed;
  }

  void on_line(State& state, const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    std::string first;
    std::string second;
    uint32_t number = 0;
    words >> verb >> first;
    patchbay_status status = PATCHBAY_INVALID;
    if (verb == "CONNECT") {
      status = connect(state, first);
    } else if (verb == "PUB") {
      words >> second >> number;
      status = host.publish(state.connection, message(first, second, number), ++operation_);
    } else if (verb == "SUB") {
      uint32_t id = 0;
      words >> number >> id;
      status = host.subscribe(state.connection, {first.data(), first.size()}, static_cast<uint8_t>(number), 0, id,
                              ++operation_);
    } else if (verb == "UNSUB") {
      status = host.unsubscribe(state.connection, {first.data(), first.size()}, ++operation_);
    } else if (verb == "BYE" || verb == "DIE") {
      status = host.disconnect(state.connection, verb == "DIE" ? 1 : 0);
      host.close(state.connection, PATCHBAY_CLOSE_NORMAL);
    } else if (verb == "TIMER") {
      status = host.timer_set(state.connection, std::stoull(first));
    }
    if (status != PATCHBAY_OK) say(state, verb + " status " + std::to_string(status) + "\n");
  }

  patchbay_status connect(State& state, const std::string& client_id) {
    patchbay_connect request{};
    request.size = sizeof(request);
    request.client_id = {client_id.data(), client_id.size()};
    request.username = {username.data(), username.size()};
    request.has_password = password.empty() ? 0 : 1;
    request.password = {reinterpret_cast<const uint8_t*>(password.data()), password.size()};
    request.clean_start = clean_start ? 1 : 0;
    request.session_expiry_interval_s = session_expiry_interval_s;
    request.receive_maximum = receive_maximum;
    request.keep_alive_s = keep_alive_s;
    request.protocol_version = 12;
    if (!will_topic.empty()) request.will_ref = message(will_topic, "gone", 0);
    return host.client_connect(state.connection, &request, ++operation_);
  }

  static const patchbay_message* message(std::string_view topic, std::string_view payload, uint32_t qos) {
    mqtt::MessageFields fields;
    fields.topic = topic;
    fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
    fields.qos = static_cast<mqtt::Qos>(qos);
    return reinterpret_cast<const patchbay_message*>(mqtt::Message::create(fields).detach());
  }

  static size_t on_deliver(void* raw, const patchbay_delivery* batch, size_t count) {
    State& state = state_of(raw);
    LineProtocol& protocol = *state.protocol;
    const size_t taken = std::min(count, protocol.takes);
    protocol.batches.push_back(count);
    for (size_t i = 0; i < taken; ++i) {
      const auto& message = *reinterpret_cast<const mqtt::Message*>(batch[i].message);
      std::string text(message.topic());
      text += ' ';
      text.append(reinterpret_cast<const char*>(message.payload().data()), message.payload().size());
      text += " qos " + std::to_string(batch[i].qos);
      if (batch[i].redelivered != 0) text += " again";
      for (size_t id = 0; id < batch[i].subscription_id_count; ++id) {
        text += " id " + std::to_string(batch[i].subscription_ids[id]);
      }
      protocol.deliveries.push_back(text);
      if (batch[i].delivery == 0) continue;
      if (protocol.acknowledges) {
        protocol.host.ack(state.connection, batch[i].delivery, 0);
      } else {
        protocol.open_deliveries.push_back(batch[i].delivery);
      }
    }
    return taken;
  }

  static void on_result(void* raw, uint64_t operation, const patchbay_result* result) {
    State& state = state_of(raw);
    std::string text = std::to_string(operation) + ' ' + std::to_string(result->reason);
    if (result->session_present != 0) text += " present";
    if (result->granted_qos != 0) text += " qos " + std::to_string(result->granted_qos);
    if (result->receivers != 0) text += " receivers " + std::to_string(result->receivers);
    if (result->text.len != 0) text += ' ' + std::string(result->text.ptr, result->text.len);
    state.protocol->results.push_back(text);
    state.protocol->say(state, "RESULT " + text + "\n");
  }

  void say(State& state, const std::string& text) const {
    const patchbay_bytes span{reinterpret_cast<const uint8_t*>(text.data()), text.size()};
    host.write(state.connection, &span, 1);
  }

  static void on_timer(void* raw) { state_of(raw).protocol->events.emplace_back("timer"); }
  static void on_writable(void* raw) { state_of(raw).protocol->events.emplace_back("writable"); }
  static void on_kick(void* raw, uint32_t reason) {
    State& state = state_of(raw);
    state.protocol->events.push_back("kick " + std::to_string(reason));
    state.protocol->say(state, "GOODBYE\n");
    if (state.protocol->closes_when_kicked) state.protocol->host.close(state.connection, reason);
  }
  static void on_close(void* raw, uint32_t reason) {
    State* state = static_cast<State*>(raw);
    state->protocol->events.push_back("close " + std::to_string(reason));
    if (state->protocol->last == state) state->protocol->last = nullptr;
    delete state;
  }

  static patchbay_status freeze(void* raw, patchbay_writer* out) {
    return out->write(out, state_of(raw).listener_id.data(), state_of(raw).listener_id.size());
  }
  static void* thaw(void* self, patchbay_connection* connection, const patchbay_connection_info* info,
                    patchbay_bytes frozen) {
    auto& protocol = *static_cast<LineProtocol*>(self);
    if (protocol.refuses) return nullptr;
    const std::string text(reinterpret_cast<const char*>(frozen.ptr), frozen.len);
    protocol.events.push_back("thaw " + text);
    protocol.last = new State{&protocol, connection, text, info->peer_port};
    return protocol.last;
  }

  uint64_t operation_ = 0;
};

}  // namespace patchbay::test
