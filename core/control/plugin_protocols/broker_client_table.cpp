// The host's functions for connections, as plugins call them.

#include "plugin_bridge/abi_views.h"
#include "plugin_protocols/plugin_connection.h"

namespace patchbay::plugin_protocols {

namespace {

using plugin_services::view_of;

patchbay_status client_connect(patchbay_connection* connection, const patchbay_connect* connect, uint64_t operation) {
  PluginConnection& own = PluginConnection::of(connection);
  if (connect == nullptr || connect->size < offsetof(patchbay_connect, reserved)) {
    return own.account().invalid("a connect without what it asks for");
  }
  const patchbay_connect known = plugin_bridge::read_abi(connect);
  const patchbay_status status = own.connect(known, operation);
  if (known.will_ref != nullptr) {  // taken over whatever the status
    static_cast<void>(mqtt::MessageRef::adopt(plugin_bridge::from_abi(known.will_ref)));
    own.account().held.remove(plugin_bridge::Held::message_references);
  }
  return status;
}

patchbay_status publish(patchbay_connection* connection, const patchbay_message* message_ref, uint64_t operation) {
  PluginConnection& own = PluginConnection::of(connection);
  const mqtt::MessageRef message = mqtt::MessageRef::adopt(plugin_bridge::from_abi(message_ref));
  if (!message) return own.account().invalid("nothing was published");
  own.account().held.remove(plugin_bridge::Held::message_references);
  return own.publish(message, operation);
}

patchbay_status subscribe(patchbay_connection* connection, patchbay_str topic_filter, uint8_t maximum_qos,
                          uint8_t no_local, uint32_t subscription_id, uint64_t operation) {
  return PluginConnection::of(connection)
      .subscribe(view_of(topic_filter), maximum_qos, no_local != 0, subscription_id, operation);
}

patchbay_status unsubscribe(patchbay_connection* connection, patchbay_str topic_filter, uint64_t operation) {
  return PluginConnection::of(connection).unsubscribe(view_of(topic_filter), operation);
}

patchbay_status ack(patchbay_connection* connection, uint64_t delivery, uint8_t reason) {
  return PluginConnection::of(connection).acknowledge(delivery, reason);
}

patchbay_status credit(patchbay_connection* connection, uint32_t receive_maximum) {
  return PluginConnection::of(connection).set_credit(receive_maximum);
}

patchbay_status disconnect(patchbay_connection* connection, uint8_t with_will) {
  return PluginConnection::of(connection).disconnect(with_will != 0);
}

patchbay_status write(patchbay_connection* connection, const patchbay_bytes* spans, size_t count) {
  return PluginConnection::of(connection).write({spans, count});
}

patchbay_status write_payload(patchbay_connection* connection, const patchbay_message* message, size_t offset,
                              size_t len) {
  PluginConnection& own = PluginConnection::of(connection);
  if (message == nullptr) return own.account().invalid("the payload of no message was written");
  return own.write_payload(plugin_bridge::share(plugin_bridge::from_abi(message)), offset, len);
}

patchbay_status pause_read(patchbay_connection* connection) {
  return PluginConnection::of(connection).pause_read(true);
}

patchbay_status resume_read(patchbay_connection* connection) {
  return PluginConnection::of(connection).pause_read(false);
}

patchbay_status timer_set(patchbay_connection* connection, uint64_t delay_ms) {
  return PluginConnection::of(connection).set_timer(delay_ms);
}

patchbay_status close(patchbay_connection* connection, uint32_t reason) {
  return PluginConnection::of(connection).close(reason);
}

const patchbay_client* client(patchbay_connection* connection) {
  return plugin_bridge::to_abi(PluginConnection::of(connection).info());
}

}  // namespace

const patchbay_broker_client* broker_client_table() {
  static constexpr patchbay_broker_client kTable{sizeof(patchbay_broker_client),
                                                 0,
                                                 client_connect,
                                                 publish,
                                                 subscribe,
                                                 unsubscribe,
                                                 ack,
                                                 credit,
                                                 disconnect,
                                                 write,
                                                 write_payload,
                                                 pause_read,
                                                 resume_read,
                                                 timer_set,
                                                 close,
                                                 client};
  return &kTable;
}

}  // namespace patchbay::plugin_protocols
