#pragma once

#include "patchbay/clients.h"
#include "patchbay/metrics.h"
#include "patchbay/publish.h"
#include "patchbay/registry.h"
#include "patchbay/retained.h"
#include "patchbay/routes.h"
#include "patchbay/settings.h"
#include "patchbay/timer.h"
#include "patchbay/transport.h"
#include "patchbay/worker.h"

/// The host's interfaces as plugins get them: constant tables whose functions find the caller's ServiceSet by its host
/// table. [any-thread]
namespace patchbay::plugin_services {

[[nodiscard]] const patchbay_admin* admin_table();
[[nodiscard]] const patchbay_alarm* alarm_table();
[[nodiscard]] const patchbay_clients* clients_table();
[[nodiscard]] const patchbay_fd* fd_table();
[[nodiscard]] const patchbay_kv* kv_table();
[[nodiscard]] const patchbay_metrics* metrics_table();
[[nodiscard]] const patchbay_publish* publish_table();
[[nodiscard]] const patchbay_registry* registry_table();
[[nodiscard]] const patchbay_retained* retained_table();
[[nodiscard]] const patchbay_routes* routes_table();
[[nodiscard]] const patchbay_secret* secret_table();
[[nodiscard]] const patchbay_settings* settings_table();
[[nodiscard]] const patchbay_subscribe* subscribe_table();
[[nodiscard]] const patchbay_thread_check* thread_check_table();
[[nodiscard]] const patchbay_thread* thread_table();
[[nodiscard]] const patchbay_timer* timer_table();
[[nodiscard]] const patchbay_transport* transport_table();
[[nodiscard]] const patchbay_worker* worker_table();

}  // namespace patchbay::plugin_services
