/* SPDX-License-Identifier: Apache-2.0 */

/* Base64 (RFC 4648 section 4): see intent.h. */

#include "intent/intent.h"

#include <stdlib.h>
#include <string.h>

#include "intent/arena.h"

/* Returns the value of a digit, or -1. */
static int
get_digit(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;

    return p ? p - digits : -1;
}

/* Decodes the four digits at 's', the last of the text if 'last', to 'out'.
 * Returns the number of bytes, 0 if they are not Base64. */
static size_t
decode_group(const char *s, bool last, char *out)
{
    int padding = last ? (s[3] == '=') + (s[2] == '=') : 0;
    uint32_t bits = 0;

    if (padding == 1 && s[3] != '=') {
        return 0;
    }
    for (int i = 0; i < 4; i++) {
        int digit = i < 4 - padding ? get_digit(s[i]) : 0;

        if (digit < 0) {
            return 0;
        }
        bits = bits << 6 | (uint32_t) digit;
    }
    for (int i = 0; i < 3 - padding; i++) {
        out[i] = bits >> (16 - 8 * i) & 0xff;
    }
    return 3 - padding;
}

char *
intent_base64_decode(const char *s, size_t n, size_t *n_out)
{
    char *out = arena_xrealloc(NULL, n / 4 * 3 + 1);

    *n_out = 0;
    for (size_t i = 0; i < n; i += 4) {
        size_t len = (n - i < 4 ? 0
                      : decode_group(s + i, n - i == 4, out + *n_out));

        if (!len) {
            free(out);
            return NULL;
        }
        *n_out += len;
    }
    out[*n_out] = '\0';
    return out;
}
