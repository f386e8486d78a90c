// SPDX-License-Identifier: MIT
// For cli/starved_test: fails allocations. Of those of at least FAIL_MIN bytes it fails the
// FAIL_AT-th, and with FAIL_ALL all later ones too.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void*, size_t),
    *__libc_memalign(size_t, size_t);
static atomic_long seen;
static long at = -1, least, all;

static int fails(size_t size) {
  if (at < 0) {
    const char* text = getenv("FAIL_AT");
    const char* min = getenv("FAIL_MIN");
    all = getenv("FAIL_ALL") != NULL;
    least = min ? atol(min) : 1;
    at = text ? atol(text) : 0;
  }
  if (at == 0 || (long)size < least) return 0;
  const long n = atomic_fetch_add(&seen, 1) + 1;
  const int failed = n == at || (all && n > at);
  if (failed) errno = ENOMEM;
  return failed;
}

void* malloc(size_t size) { return fails(size) ? NULL : __libc_malloc(size); }
void* calloc(size_t n, size_t size) { return fails(n * size) ? NULL : __libc_calloc(n, size); }
void* realloc(void* old, size_t size) { return fails(size) ? NULL : __libc_realloc(old, size); }
void* memalign(size_t to, size_t size) { return fails(size) ? NULL : __libc_memalign(to, size); }
void* aligned_alloc(size_t to, size_t size) { return memalign(to, size); }
int posix_memalign(void** made, size_t to, size_t size) {
  *made = memalign(to, size);
  return *made ? 0 : ENOMEM;
}
