// SPDX-License-Identifier: Apache-2.0
// The short names of the events that plugins meet most; event<patchbay_..._event> is always possible.
#pragma once

#include "patchbay/event.hpp"

namespace patchbay {

using accept_request = event<patchbay_conn_accept_event>;
using certificate_request = event<patchbay_conn_tls_cert_event>;
using connection_event = event<patchbay_connection_event>;
using packet_event = event<patchbay_packet_event>;
using connect_request = event<patchbay_connect_rewrite_event>;
using auth_request = event<patchbay_authenticate_event>;
using enhanced_request = event<patchbay_enhanced_event>;
using enrich_request = event<patchbay_enrich_event>;
using auth_result = event<patchbay_auth_result_event>;
using acl_request = event<patchbay_authorize_event>;
using acl_deliver_request = event<patchbay_acl_deliver_event>;
using admin_request = event<patchbay_admin_event>;
using session_request = event<patchbay_session_open_event>;
using session_event = event<patchbay_session_event>;
using client_event = event<patchbay_client_event>;
using subscribe_request = event<patchbay_subscribe_rewrite_event>;
using subscription_event = event<patchbay_subscription_event>;
using overflow_request = event<patchbay_queue_overflow_event>;
using will_request = event<patchbay_will_publish_event>;
using reply_request = event<patchbay_reply_out_event>;
using rewrite_request = event<patchbay_publish_rewrite_event>;
using publish_request = event<patchbay_publish_accept_event>;
using routed_event = event<patchbay_publish_routed_event>;
using unrouted_request = event<patchbay_publish_unrouted_event>;
using share_request = event<patchbay_share_pick_event>;
using retain_request = event<patchbay_retain_store_event>;
using retain_lookup_request = event<patchbay_retain_lookup_event>;
using deliver_request = event<patchbay_deliver_before_event>;
using delivery_event = event<patchbay_delivery_event>;
using control_event = event<patchbay_control_event>;

/// Batches of the observers that sinks use.
using routed_batch = batch<patchbay_publish_routed_event>;
using delivery_batch = batch<patchbay_delivery_event>;
using client_batch = batch<patchbay_client_event>;

}  // namespace patchbay
