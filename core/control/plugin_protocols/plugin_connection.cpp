#include "plugin_protocols/plugin_connection.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/assert.h"
#include "plugin_bridge/abi_views.h"
#include "session/session_environment.h"
#include "session/session_limits.h"

namespace patchbay::plugin_protocols {

using plugin_bridge::Held;
using plugin_services::Door;
using session::CloseReason;

namespace {
constexpr uint64_t kGoodbyeMs = 1'000;

/// A writer of the ABI that fills a text.
class Frozen {
 public:
  static constexpr size_t kMaximum = 1u << 20;

  explicit Frozen(std::string& into) : writer_{sizeof(patchbay_writer), 0, &into, &Frozen::append} {}
  [[nodiscard]] patchbay_writer* abi() { return &writer_; }

 private:
  static patchbay_status append(patchbay_writer* writer, const void* data, size_t len) {
    auto& into = *static_cast<std::string*>(writer->ctx);
    if (len > kMaximum - into.size()) return PATCHBAY_TOO_LARGE;
    into.append(static_cast<const char*>(data), len);
    return PATCHBAY_OK;
  }
  patchbay_writer writer_;
};

uint32_t transport_of(std::string_view listener_id) {
  const std::string_view kind = listener_id.substr(0, listener_id.find(':'));
  if (kind == "ssl") return PATCHBAY_TRANSPORT_TLS;
  if (kind == "ws") return PATCHBAY_TRANSPORT_WS;
  if (kind == "udp") return PATCHBAY_TRANSPORT_UDP;
  if (kind == "dtls") return PATCHBAY_TRANSPORT_DTLS;
  return kind == "wss" ? PATCHBAY_TRANSPORT_WSS : PATCHBAY_TRANSPORT_TCP;
}
}  // namespace

uint32_t abi_close_reason(CloseReason reason) {
  switch (reason) {
    case CloseReason::normal:
      return PATCHBAY_CLOSE_NORMAL;
    case CloseReason::peer_closed:
    case CloseReason::transport_error:
      return PATCHBAY_CLOSE_PEER;
    case CloseReason::connect_timeout:
    case CloseReason::keep_alive_timeout:
      return PATCHBAY_CLOSE_TIMEOUT;
    case CloseReason::protocol_error:
      return PATCHBAY_CLOSE_PROTOCOL;
    case CloseReason::taken_over:
      return PATCHBAY_CLOSE_TAKEN_OVER;
    case CloseReason::kicked:
      return PATCHBAY_CLOSE_KICKED;
    case CloseReason::slow_consumer:
    case CloseReason::limit:
      return PATCHBAY_CLOSE_LIMIT;
    case CloseReason::server_shutdown:
      return PATCHBAY_CLOSE_SHUTDOWN;
    case CloseReason::not_authorized:
      break;
  }
  return PATCHBAY_CLOSE_ERROR;
}

PluginConnection::PluginConnection(std::shared_ptr<ProtocolProvider> provider) : provider_(std::move(provider)) {
  plugin_timer_.bind(&PluginConnection::on_plugin_timer, this);
  connect_timer_.bind(&PluginConnection::on_connect_late, this);
  goodbye_timer_.bind(&PluginConnection::on_goodbye_late, this);
  provider_->account().held.add(Held::connections);
}

PluginConnection::~PluginConnection() {
  // Lost between two shards while the node ends: the plugin still frees what it has.
  if (state_ != nullptr) on_closed(CloseReason::server_shutdown);
  provider_->account().held.remove(Held::connections);
}

// The connection's side ----------------------------------------------------------------------------------------------

bool PluginConnection::open(session::ConnectionPort& port) {
  peer_ = port.peer();
  if (peer_.certificate != nullptr) peer_.certificate = &certificate_.emplace(*peer_.certificate);
  client_ = std::make_unique<BrokerClient>(*this, peer_, provider_->name(), 0);
  const patchbay_connection_info info = info_of_peer();
  datagrams_ = info.transport == PATCHBAY_TRANSPORT_UDP || info.transport == PATCHBAY_TRANSPORT_DTLS;
  arrive(port);
  call([&] { state_ = provider_->table().conn_open(provider_->self(), this, &info); });
  if (state_ != nullptr)
    start(connect_timer_, provider_->shards().flow(base::current_shard()).limits->connect_timeout_ms);
  return state_ != nullptr;
}

patchbay_connection_info PluginConnection::info_of_peer() const {
  patchbay_connection_info info{};
  info.size = sizeof(info);
  info.transport = transport_of(peer_.listener->id);
  info.listener_id = plugin_services::str_of(peer_.listener->id);
  std::copy(std::begin(peer_.address), std::end(peer_.address), std::begin(info.peer_address));
  info.peer_port = peer_.port;
  if (certificate_) {
    info.certificate_common_name = plugin_services::str_of(certificate_->common_name);
    info.certificate_subject = plugin_services::str_of(certificate_->subject);
  }
  return info;
}

void PluginConnection::arrive(session::ConnectionPort& port) {
  port_ = &port;
  port_paused_ = false;
  moving_ = false;
  provider_->add(*this);
  session::SessionEnvironment& environment = provider_->shards().flow(base::current_shard());
  client_->arrive(environment);
  if (timer_due_ms_ != 0) {
    const uint64_t now_ms = environment.shard.now_ms;
    start(plugin_timer_, timer_due_ms_ > now_ms ? timer_due_ms_ - now_ms : 0);
  }
  settle_reading();
}

void PluginConnection::leave() {
  if (port_ == nullptr) return;
  plugin_timer_.stop();
  connect_timer_.stop();
  goodbye_timer_.stop();
  client_->leave();
  provider_->remove(*this);
  if (std::exchange(run_listed_, false)) provider_->runs().remove(*this);
  port_ = nullptr;
}

void PluginConnection::start(base::Timer& timer, uint64_t delay_ms) {
  provider_->shards().services(base::current_shard()).start(timer, delay_ms);
}

template <class F>
void PluginConnection::call(F&& function) {
  const std::shared_ptr<PluginConnection> kept = shared_from_this();
  if (calls_++ == 0) written_in_call_ = false;
  const bool returned = provider_->account().call(Door::protocol, std::forward<F>(function));
  --calls_;
  if (!returned && port_ != nullptr && !closing_) {
    closing_ = true;  // what state the plugin's side is in, nobody knows
    port_->close(CloseReason::transport_error);
  }
  if (calls_ == 0) run();
}

void PluginConnection::run() {
  if (calls_ != 0 || port_ == nullptr) return;
  client_->run();
  if (port_ != nullptr) settle_reading();
}

/// Reading stops while the plugin wants it so, and while what it has asked for cannot be done yet.
void PluginConnection::settle_reading() {
  const bool pause = read_paused_ || client_->waiting();
  if (pause == port_paused_) return;
  port_paused_ = pause;
  if (pause) {
    port_->pause_reading();
  } else {
    port_->resume_reading();
  }
}

size_t PluginConnection::on_bytes(std::span<const uint8_t> bytes, size_t& need) {
  if (state_ == nullptr || closing_) return bytes.size();
  client_->heard();
  size_t consumed = 0;
  bool more = true;
  while (more) {
    const size_t before = consumed;
    consumed += take_bytes(bytes.subspan(consumed), need);
    if (closing_ || state_ == nullptr) return bytes.size();
    const size_t left = bytes.size() - consumed;
    if (datagrams_) return bytes.size();  // a datagram is whole, or nothing
    // A plugin may take one unit of its language at a time.
    more = consumed > before && left != 0 && need <= left && !moving_ && !port_paused_;
  }
  if (!moving_ && !port_paused_ && bytes.size() - consumed > provider_->maximum_unconsumed_bytes()) {
    port_->close(CloseReason::limit);
    return bytes.size();
  }
  return consumed;
}

size_t PluginConnection::take_bytes(std::span<const uint8_t> bytes, size_t& need) {
  size_t consumed = 0;
  need = 0;
  call([&] { consumed = provider_->table().on_bytes(state_, {bytes.data(), bytes.size()}, &need); });
  return std::min(consumed, bytes.size());
}

void PluginConnection::on_writable() {
  if (state_ == nullptr) return;
  client_->on_writable();
  if (!std::exchange(congested_, false)) return run();
  call([&] { provider_->table().on_writable(state_); });
}

void PluginConnection::on_closed(CloseReason reason) {
  closing_ = true;
  if (client_) client_->on_closed(reason);
  void* state = std::exchange(state_, nullptr);
  if (state == nullptr) return;
  const uint32_t why = closed_by_plugin_ || kicked_ ? plugin_reason_ : abi_close_reason(reason);
  static_cast<void>(provider_->account().call(Door::protocol, [&] { provider_->table().on_close(state, why); }));
}

void PluginConnection::unload() {
  kick(CloseReason::kicked, PATCHBAY_CLOSE_UNLOAD);
}

bool PluginConnection::hand_over(const std::shared_ptr<ProtocolProvider>& next) {
  if (state_ == nullptr || closing_ || kicked_ || calls_ != 0 || port_ == nullptr) return false;
  if (!provider_->can_freeze() || !next->can_thaw()) return false;
  std::string frozen;
  Frozen writer(frozen);
  bool done = false;
  call([&] { done = provider_->table().freeze(state_, writer.abi()) == PATCHBAY_OK; });
  if (!done || state_ == nullptr || closing_) return false;
  const patchbay_connection_info info = info_of_peer();
  void* thawed = nullptr;
  static_cast<void>(next->account().call(Door::protocol, [&] {
    thawed = next->table().thaw(next->self(), this, &info, plugin_services::bytes_of(frozen));
  }));
  if (thawed == nullptr) return false;
  // The old version frees its state; to it, the connection is closed, whatever it still asks for.
  closing_ = true;
  const std::shared_ptr<ProtocolProvider> before = std::exchange(provider_, next);
  void* old_state = std::exchange(state_, thawed);
  static_cast<void>(
      before->account().call(Door::protocol, [&] { before->table().on_close(old_state, PATCHBAY_CLOSE_UNLOAD); }));
  closing_ = false;
  before->remove(*this);
  next->add(*this);
  next->account().held.add(Held::connections);
  before->account().held.remove(Held::connections);
  run();
  return true;
}

void PluginConnection::kick(CloseReason reason, std::optional<uint32_t> abi_reason) {
  if (state_ == nullptr || kicked_ || closing_) return;
  kicked_ = true;
  plugin_reason_ = abi_reason.value_or(abi_close_reason(reason));
  start(goodbye_timer_, kGoodbyeMs);
  client_->kick(reason);
  call([&] { provider_->table().on_kick(state_, plugin_reason_); });
}

void PluginConnection::on_plugin_timer(void* self) {
  auto& connection = *static_cast<PluginConnection*>(self);
  connection.timer_due_ms_ = 0;
  if (connection.state_ == nullptr || connection.closing_) return;
  connection.call([&] { connection.provider_->table().on_timer(connection.state_); });
}

void PluginConnection::on_connect_late(void* self) {
  auto& connection = *static_cast<PluginConnection*>(self);
  if (connection.port_ != nullptr && !connection.closing_) connection.port_->close(CloseReason::connect_timeout);
}

void PluginConnection::on_goodbye_late(void* self) {
  auto& connection = *static_cast<PluginConnection*>(self);
  if (connection.port_ != nullptr && !connection.closing_) connection.port_->close(CloseReason::kicked);
}

// What comes from the client of the broker ---------------------------------------------------------------------------

void PluginConnection::on_result(uint64_t operation, const OperationResult& result) {
  if (state_ == nullptr || closing_) return;
  patchbay_result view{};
  view.size = sizeof(view);
  view.reason = static_cast<uint8_t>(result.reason);
  view.session_present = result.session_present ? 1 : 0;
  view.granted_qos = result.granted_qos;
  view.receivers = result.receivers;
  view.text = plugin_services::str_of(result.text);
  call([&] { provider_->table().on_result(state_, operation, &view); });
}

size_t PluginConnection::on_deliver(std::span<const ClientDelivery> deliveries) {
  if (state_ == nullptr || closing_) return 0;
  PATCHBAY_ASSERT(deliveries.size() <= BrokerClient::kDeliveries);
  std::array<patchbay_delivery, BrokerClient::kDeliveries> views;  // filled as far as it is used
  for (size_t i = 0; i < deliveries.size(); ++i) {
    const ClientDelivery& delivery = deliveries[i];
    const std::span<const uint32_t> subscription_ids = delivery.subscription_ids();
    views[i] = {sizeof(patchbay_delivery),
                static_cast<uint8_t>(delivery.qos),
                static_cast<uint8_t>(delivery.retain ? 1 : 0),
                static_cast<uint8_t>(delivery.redelivered ? 1 : 0),
                0,
                delivery.id,
                plugin_bridge::to_abi(delivery.message.get()),
                subscription_ids.data(),
                subscription_ids.size()};
  }
  size_t taken = 0;
  call([&] { taken = provider_->table().on_deliver(state_, views.data(), deliveries.size()); });
  return taken;
}

void PluginConnection::on_ended(CloseReason reason) {
  // Its own disconnect() and a refused connect() are answered already: closing is the plugin's business then.
  if (reason == CloseReason::normal || reason == CloseReason::not_authorized) {
    if (state_ != nullptr && !closing_) start(goodbye_timer_, kGoodbyeMs);
    return;
  }
  kick(reason);
}

void PluginConnection::wants_run() {
  if (calls_ != 0 || run_listed_ || port_ == nullptr || client_->running()) return;
  run_listed_ = true;
  provider_->runs().add(*this);
}

void PluginConnection::run_listed() {
  run_listed_ = false;
  run();
}

void PluginConnection::move_to(base::ShardId shard) {
  if (port_ == nullptr) return;
  moving_ = true;
  port_->pack(std::make_unique<PluginLuggage>(shared_from_this()));
  port_->move_to(shard);
}

void PluginConnection::set_allowance(const access::ConnectionAllowance& allowance) {
  if (port_ != nullptr) port_->set_allowance(allowance);
}

bool PluginConnection::output_writable() {
  return port_ != nullptr && port_->writable();
}

session::TransferTraffic PluginConnection::transfers() const {
  return port_ != nullptr ? port_->transfers() : session::TransferTraffic{};
}

}  // namespace patchbay::plugin_protocols
