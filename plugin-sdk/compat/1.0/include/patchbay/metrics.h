/* SPDX-License-Identifier: Apache-2.0
 * Metrics and alarms of an instance. */
#ifndef PATCHBAY_METRICS_H
#define PATCHBAY_METRICS_H

#include "patchbay/client.h"
#include "patchbay/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define PATCHBAY_METRICS_1 "patchbay.metrics/1"

#define PATCHBAY_METRIC_COUNTER 0u
#define PATCHBAY_METRIC_GAUGE 1u

typedef struct patchbay_metrics {
  uint32_t size;
  uint32_t reserved;
  /* Declares a metric patchbay_plugin_<name>{instance=...,labels}. The labels' values are fixed here: declare one for
   * each combination. In configure() and start() only. OK, EXISTS, INVALID, BUSY (plugins.max_metrics), CLOSED.
   * [control] */
  patchbay_status (*declare)(const patchbay_host* host, patchbay_str name, uint32_t kind, patchbay_str help,
                             const patchbay_pair* labels, size_t label_count, uint32_t* metric);
  /* Adds to a counter: one addition to a slot of this thread's shard. [any-thread] */
  void (*add)(const patchbay_host* host, uint32_t metric, uint64_t amount);
  /* Sets a gauge. [any-thread] */
  void (*set)(const patchbay_host* host, uint32_t metric, int64_t value);
} patchbay_metrics;

#define PATCHBAY_ALARM_1 "patchbay.alarm/1"

typedef struct patchbay_alarm {
  uint32_t size;
  uint32_t reserved;
  /* Raises (or renews the text of) alarm `name` of this instance. OK, BUSY. [any-thread] */
  patchbay_status (*raise)(const patchbay_host* host, patchbay_str name, patchbay_str text);
  /* OK, NOT_FOUND. [any-thread] */
  patchbay_status (*clear)(const patchbay_host* host, patchbay_str name);
} patchbay_alarm;

#ifdef __cplusplus
}
#endif
#endif
