/* svc.words/1: a service between plugins is a table of C functions, with the rules of the ABI: size first, fields
 * appended. */
#ifndef EXAMPLE_WORDS_H
#define EXAMPLE_WORDS_H

#include <patchbay/types.h>

typedef struct words_service {
  uint32_t size;
  uint32_t reserved;
  /* 1 when the text holds a word of the list. [any-thread] */
  uint32_t (*holds)(void* self, patchbay_bytes text);
} words_service;

#endif
