#include "package/sdk_interfaces.h"

#include "patchbay/ext/draft/cluster.h"
#include "patchbay/ext/draft/store.h"
#include "patchbay/patchbay.h"

namespace patchbay::package {

namespace {

constexpr std::string_view kHostInterfaces[] = {
    PATCHBAY_ADMIN_1,    PATCHBAY_ALARM_1,        PATCHBAY_ANSWERS_1, PATCHBAY_BROKER_CLIENT_1, PATCHBAY_CLIENTS_1,
    PATCHBAY_FD_1,       PATCHBAY_KV_1,           PATCHBAY_METRICS_1, PATCHBAY_PUBLISH_1,       PATCHBAY_REGISTRY_1,
    PATCHBAY_RETAINED_1, PATCHBAY_ROUTES_1,       PATCHBAY_SECRET_1,  PATCHBAY_SETTINGS_1,      PATCHBAY_SUBSCRIBE_1,
    PATCHBAY_THREAD_1,   PATCHBAY_THREAD_CHECK_1, PATCHBAY_TIMER_1,   PATCHBAY_TRANSPORT_1,     PATCHBAY_WORKER_1,
};

constexpr std::string_view kDrafts[] = {
    PATCHBAY_CLUSTER_DRAFT_1,     PATCHBAY_CLUSTER_HOST_DRAFT_1,   PATCHBAY_STORE_MESSAGE_DRAFT_1,
    PATCHBAY_STORE_QUEUE_DRAFT_1, PATCHBAY_STORE_RETAINED_DRAFT_1, PATCHBAY_STORE_SESSION_DRAFT_1,
};

static_assert(kEntrySymbol == PATCHBAY_ENTRY_SYMBOL);

}  // namespace

std::span<const std::string_view> sdk_host_interfaces() {
  return kHostInterfaces;
}

std::span<const std::string_view> sdk_draft_interfaces() {
  return kDrafts;
}

HostOffer sdk_offer() {
  HostOffer offer;
  offer.sdk_major = PATCHBAY_ABI_MAJOR;
  offer.sdk_minor = PATCHBAY_ABI_MINOR;
  offer.interfaces.assign(std::begin(kHostInterfaces), std::end(kHostInterfaces));
  offer.drafts.assign(std::begin(kDrafts), std::end(kDrafts));
  return offer;
}

}  // namespace patchbay::package
