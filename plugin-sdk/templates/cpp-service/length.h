/* The service svc.length/1. Whoever uses it includes this file. */
#ifndef LENGTH_H
#define LENGTH_H

#include <patchbay/types.h>

typedef struct length_service {
  uint32_t size;
  uint32_t reserved;
  /* The number of bytes of `text`. [any-thread] */
  uint64_t (*length)(void* self, patchbay_str text);
} length_service;

#endif
