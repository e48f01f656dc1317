// The functions of the host as plugins call them.

#include "plugin_services/service_set.h"
#include "plugin_services/service_tables.h"

namespace patchbay::plugin_services {

namespace {
OutgoingStream& stream_of(patchbay_stream* stream) {
  return *reinterpret_cast<OutgoingStream*>(stream);
}

patchbay_status open_stream(const patchbay_host* host, uint32_t shard, const patchbay_stream_target* target,
                            const patchbay_stream_events* events, void* self) {
  ServiceSet& services = services_of(host);
  if (target == nullptr || events == nullptr || target->size < sizeof(patchbay_stream_target))
    return services.account().invalid("an outgoing stream needs a target and events");
  return services.streams().open(shard, *target, *events, self);
}
patchbay_status write_stream(patchbay_stream* stream, const patchbay_bytes* spans, size_t count) {
  return stream_of(stream).write(spans, count);
}
patchbay_status close_stream(patchbay_stream* stream) {
  return stream_of(stream).close();
}
}  // namespace

const patchbay_transport* transport_table() {
  static constexpr patchbay_transport kTable{sizeof(patchbay_transport), 0, open_stream, write_stream, close_stream};
  return &kTable;
}

}  // namespace patchbay::plugin_services
