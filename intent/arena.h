/* SPDX-License-Identifier: Apache-2.0 */

/* Memory that is freed all at once, and text that grows.
 *
 * Every file of intent/ uses this; it uses only libc.  Nothing here returns
 * NULL: a program without memory ends with abort(). */

#ifndef INTENT_ARENA_H
#define INTENT_ARENA_H 1

#include <stdarg.h>
#include <stddef.h>

struct arena_chunk;

/* Allocates from chunks, each larger than the one before. */
struct intent_arena {
    struct arena_chunk *chunks; /* The newest is first. */
    char *next;                 /* Free bytes of the newest... */
    size_t left;                /* ...and how many. */
    size_t chunk_size;          /* Of the next chunk. */
};

/* realloc() that does not fail. */
void *arena_xrealloc(void *, size_t);

/* An arena of its own memory; the caller must destroy it. */
struct intent_arena *arena_create(void);
void arena_destroy(struct intent_arena *);

/* 'size' bytes of zeros, aligned for anything. */
void *arena_zalloc(struct intent_arena *, size_t size);

/* Copies of the 'n' bytes at 's', or all of it, with a null byte added. */
char *arena_memdup0(struct intent_arena *, const char *s, size_t n);
char *arena_strdup(struct intent_arena *, const char *s);

/* Text that grows, always with a null byte after its 'n' bytes.  's' is NULL
 * while it is empty; the owner frees it with free(). */
struct text {
    char *s;
    size_t n, allocated;
};

#define TEXT_INITIALIZER { NULL, 0, 0 }

/* Makes room for 'n' more bytes, to save growing in steps. */
void text_reserve(struct text *, size_t n);

/* Append bytes, a string, a character, or what printf() would write. */
void text_put(struct text *, const char *, size_t n);
void text_puts(struct text *, const char *);
void text_put_char(struct text *, char);
void text_printf(struct text *, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same for vprintf(). */
void text_put_valist(struct text *, const char *format, va_list)
    __attribute__((format(printf, 2, 0)));


#endif /* intent/arena.h */
