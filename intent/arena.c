/* SPDX-License-Identifier: Apache-2.0 */

/* Memory that is freed all at once, and text that grows: see arena.h. */

#include "intent/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16

/* With AddressSanitizer each piece has its own chunk, so that it sees when
 * somebody goes beyond the end. */
#ifdef __SANITIZE_ADDRESS__
#define FIRST_CHUNK 0
#else
#define FIRST_CHUNK 2032
#endif
#define MAX_CHUNK (256 * 1024)

struct arena_chunk {
    struct arena_chunk *next;
    _Alignas(ALIGNMENT) char data[];
};

void *
arena_xrealloc(void *p, size_t size)
{
    void *new = realloc(p, size ? size : 1);

    if (!new) {
        abort();
    }
    return new;
}

struct intent_arena *
arena_create(void)
{
    struct intent_arena *arena = arena_xrealloc(NULL, sizeof *arena);

    *arena = (struct intent_arena) { .chunk_size = FIRST_CHUNK };
    return arena;
}

void
arena_destroy(struct intent_arena *arena)
{
    if (!arena) {
        return;
    }
    while (arena->chunks) {
        struct arena_chunk *next = arena->chunks->next;

        free(arena->chunks);
        arena->chunks = next;
    }
    free(arena);
}

/* Returns 'size' bytes with any content. */
static void *
arena_alloc(struct intent_arena *arena, size_t size)
{
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (size > arena->left) {
        size_t room = size > arena->chunk_size ? size : arena->chunk_size;
        struct arena_chunk *chunk = arena_xrealloc(NULL,
                                                   sizeof *chunk + room);

        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->next = chunk->data;
        arena->left = room;
        if (arena->chunk_size < MAX_CHUNK) {
            arena->chunk_size *= 2;
        }
    }

    void *p = arena->next;
    arena->next += size;
    arena->left -= size;
    return p;
}

void *
arena_zalloc(struct intent_arena *arena, size_t size)
{
    return memset(arena_alloc(arena, size), 0, size);
}

char *
arena_memdup0(struct intent_arena *arena, const char *s, size_t n)
{
    char *copy = arena_alloc(arena, n + 1);

    memcpy(copy, s, n);
    copy[n] = '\0';
    return copy;
}

char *
arena_strdup(struct intent_arena *arena, const char *s)
{
    return arena_memdup0(arena, s, strlen(s));
}

void
text_reserve(struct text *text, size_t n)
{
    if (text->n + n + 1 > text->allocated) {
        text->allocated = (text->n + n + 1) * 2;
        text->s = arena_xrealloc(text->s, text->allocated);
    }
}

void
text_put(struct text *text, const char *s, size_t n)
{
    text_reserve(text, n);
    memcpy(text->s + text->n, s, n);
    text->n += n;
    text->s[text->n] = '\0';
}

void
text_puts(struct text *text, const char *s)
{
    text_put(text, s, strlen(s));
}

void
text_put_char(struct text *text, char c)
{
    text_reserve(text, 1);
    text->s[text->n++] = c;
    text->s[text->n] = '\0';
}

void
text_put_valist(struct text *text, const char *format, va_list args)
{
    va_list again;

    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (n < 0) {
        abort();
    }
    text_reserve(text, n);
    vsnprintf(text->s + text->n, (size_t) n + 1, format, args);
    text->n += n;
}

void
text_printf(struct text *text, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    text_put_valist(text, format, args);
    va_end(args);
}
