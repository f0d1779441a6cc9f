/* SPDX-License-Identifier: Apache-2.0 */

/* Text from outside, for messages: see intent_clean() in intent.h.
 *
 * Used by all files of intent/ that say what they found. */

#ifndef INTENT_CLEAN_H
#define INTENT_CLEAN_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/arena.h"

/* Takes a character of UTF-8 from '*s', which is not at its end, and returns
 * its code point, or, for a byte that is not UTF-8, CLEAN_BAD_BYTE. */
#define CLEAN_BAD_BYTE 0xffffffffu
unsigned int clean_next(const char **s);

/* True if a person sees 'c' as what it is: it moves no cursor, starts no
 * escape sequence, breaks no line, turns no text around and is not
 * invisible. */
bool clean_is_printable(unsigned int c);

/* Appends 's' as intent_clean() makes it. */
void text_put_clean(struct text *, const char *s, size_t max);

/* The same in double quotes, and short. */
void text_put_quoted(struct text *, const char *s);

#endif /* intent/clean.h */
