/* SPDX-License-Identifier: Apache-2.0
 * The whole stable ABI in one include. Drafts are in patchbay/ext/draft/. */
#ifndef PATCHBAY_PATCHBAY_H
#define PATCHBAY_PATCHBAY_H

#include "patchbay/answers.h"
#include "patchbay/client.h"
#include "patchbay/clients.h"
#include "patchbay/events.h"
#include "patchbay/hooks.h"
#include "patchbay/host.h"
#include "patchbay/message.h"
#include "patchbay/metrics.h"
#include "patchbay/protocol.h"
#include "patchbay/publish.h"
#include "patchbay/registry.h"
#include "patchbay/retained.h"
#include "patchbay/routes.h"
#include "patchbay/settings.h"
#include "patchbay/state.h"
#include "patchbay/timer.h"
#include "patchbay/transport.h"
#include "patchbay/types.h"
#include "patchbay/worker.h"

#endif
