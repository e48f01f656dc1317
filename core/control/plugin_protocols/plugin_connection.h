#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "base/timer_wheel.h"
#include "patchbay/protocol.h"
#include "plugin_protocols/broker_client.h"
#include "plugin_protocols/connection_runs.h"
#include "plugin_protocols/protocol_provider.h"
#include "session/protocol_machine.h"

/// What the ABI calls a connection is a PluginConnection.
struct patchbay_connection {};

namespace patchbay::plugin_protocols {

/// One connection that speaks a plugin's protocol: between the plugin's functions, the connection's port and the client
/// of the broker. Goes with the connection when that moves. What the plugin asks for within a call is done when the
/// call has returned. [shard]
class PluginConnection final : public patchbay_connection,
                               public std::enable_shared_from_this<PluginConnection>,
                               public ClientOwner,
                               public ProviderConnection,
                               public TurnEndListener {
 public:
  explicit PluginConnection(std::shared_ptr<ProtocolProvider> provider);
  ~PluginConnection() override;

  [[nodiscard]] static PluginConnection& of(patchbay_connection* connection) {
    return *static_cast<PluginConnection*>(connection);
  }

  // The connection's side
  /// The first shard. False: the plugin refuses.
  [[nodiscard]] bool open(session::ConnectionPort& port);
  /// Another shard, after a move.
  void arrive(session::ConnectionPort& port);
  /// The shard's part of it ends: it moves, or is closed.
  void leave();
  [[nodiscard]] size_t on_bytes(std::span<const uint8_t> bytes, size_t& need);
  void on_writable();
  void on_kick(session::CloseReason reason) { kick(reason); }
  void on_closed(session::CloseReason reason);
  [[nodiscard]] const access::ClientInfo* info() const { return client_ ? client_->info() : nullptr; }

  // The plugin's side
  patchbay_status connect(const patchbay_connect& request, uint64_t operation);
  patchbay_status publish(const mqtt::MessageRef& message, uint64_t operation);
  patchbay_status subscribe(std::string_view topic_filter, uint8_t maximum_qos, bool no_local, uint32_t subscription_id,
                            uint64_t operation);
  patchbay_status unsubscribe(std::string_view topic_filter, uint64_t operation);
  patchbay_status acknowledge(uint64_t delivery, uint8_t reason);
  patchbay_status set_credit(uint32_t receive_maximum);
  patchbay_status disconnect(bool with_will);
  patchbay_status write(std::span<const patchbay_bytes> spans);
  patchbay_status write_payload(const mqtt::MessageRef& message, size_t offset, size_t len);
  patchbay_status pause_read(bool pause);
  patchbay_status set_timer(uint64_t delay_ms);
  patchbay_status close(uint32_t reason);
  [[nodiscard]] ProtocolProvider& provider() { return *provider_; }
  [[nodiscard]] plugin_services::ServiceAccount& account() { return provider_->account(); }

  // TurnEndListener
  void run_listed() override;

  // ProviderConnection
  void unload() override;
  [[nodiscard]] bool hand_over(const std::shared_ptr<ProtocolProvider>& next) override;

  // ClientOwner
  void on_result(uint64_t operation, const OperationResult& result) override;
  size_t on_deliver(std::span<const ClientDelivery> deliveries) override;
  void on_ended(session::CloseReason reason) override;
  void wants_run() override;
  void move_to(base::ShardId shard) override;
  [[nodiscard]] bool output_writable() override;
  [[nodiscard]] session::TransferTraffic transfers() const override;
  void set_allowance(const access::ConnectionAllowance& allowance) override;

 private:
  /// Calls the plugin; when the outermost call has returned, does what was asked for within it.
  template <class F>
  void call(F&& function);
  void run();
  void settle_reading();
  void kick(session::CloseReason reason, std::optional<uint32_t> abi_reason = {});
  void start(base::Timer& timer, uint64_t delay_ms);
  static void on_plugin_timer(void* self);
  static void on_connect_late(void* self);
  static void on_goodbye_late(void* self);
  [[nodiscard]] patchbay_status status_of(BrokerClient::Taken taken);

  [[nodiscard]] patchbay_connection_info info_of_peer() const;
  [[nodiscard]] bool begin_datagram(size_t size);
  void write_spans(std::span<const patchbay_bytes> spans);
  void write_spans_at_once(std::span<const patchbay_bytes> spans);
  [[nodiscard]] size_t take_bytes(std::span<const uint8_t> bytes, size_t& need);

  std::shared_ptr<ProtocolProvider> provider_;
  session::ConnectionPort* port_ = nullptr;  ///< null between two shards, and when it is closed
  session::PeerInfo peer_;                   ///< the client's view outlives a port's
  std::optional<session::PeerCertificate> certificate_;
  std::unique_ptr<BrokerClient> client_;
  void* state_ = nullptr;  ///< the plugin's; null: not open, or closed
  base::Timer plugin_timer_;
  base::Timer connect_timer_;
  base::Timer goodbye_timer_;
  uint64_t timer_due_ms_ = 0;     ///< steady; 0: the plugin's timer doesn't run
  bool written_in_call_ = false;  ///< the plugin has written since it was called
  uint32_t calls_ = 0;            ///< nested calls into the plugin
  uint32_t plugin_reason_ = PATCHBAY_CLOSE_NORMAL;
  bool datagrams_ = false;
  bool closed_by_plugin_ = false;
  bool kicked_ = false;
  bool closing_ = false;
  bool read_paused_ = false;  ///< by the plugin
  bool port_paused_ = false;
  bool run_listed_ = false;  ///< in the list of ConnectionRuns
  bool moving_ = false;      ///< to another shard, when this turn's calls are over
  bool congested_ = false;   ///< write() has said BUSY
};

/// The plugin's connection on its way to the home shard of its client.
class PluginLuggage final : public session::MachineLuggage {
 public:
  explicit PluginLuggage(std::shared_ptr<PluginConnection> moving) : connection(std::move(moving)) {}
  std::shared_ptr<PluginConnection> connection;
};

/// PATCHBAY_CLOSE_...
[[nodiscard]] uint32_t abi_close_reason(session::CloseReason reason);

/// The host's functions for connections: PATCHBAY_BROKER_CLIENT_1.
[[nodiscard]] const patchbay_broker_client* broker_client_table();

}  // namespace patchbay::plugin_protocols
