/* SPDX-License-Identifier: Apache-2.0 */

/* Text from outside, for people: see clean.h.  What a terminal acts upon is
 * listed in ECMA-48 (C0, C1), in Unicode's chapters 9.2 (bidirectional
 * controls) and 23 (line breaks, joiners, the byte order mark). */

#include "intent/clean.h"

#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"

/* How much of a string a message quotes. */
#define MAX_QUOTED 60

unsigned int
clean_next(const char **sp)
{
    const unsigned char *s = (const unsigned char *) *sp;
    int n = s[0] < 0x80 ? 0 : s[0] < 0xc2 ? -1 : s[0] < 0xe0 ? 1
            : s[0] < 0xf0 ? 2 : s[0] < 0xf5 ? 3 : -1;
    static const unsigned int min[] = { 0, 0x80, 0x800, 0x10000 };
    unsigned int c = n > 0 ? s[0] & (0x3f >> n) : s[0];

    for (int i = 1; i <= n; i++) {
        if ((s[i] & 0xc0) != 0x80) {
            n = -1;             /* A null byte ends here at the latest. */
            break;
        }
        c = c << 6 | (s[i] & 0x3f);
    }
    if (n < 0 || c < min[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        ++*sp;
        return CLEAN_BAD_BYTE;
    }
    *sp += n + 1;
    return c;
}

bool
clean_is_printable(unsigned int c)
{
    static const unsigned int bad[][2] = {
        { 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x61c, 0x61c },
        { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
        { 0xd800, 0xdfff }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
        { 0xfffe, 0xffff }, { 0xe0000, 0xe0fff }, { 0x10ffff, 0xffffffff },
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (c >= bad[i][0] && c <= bad[i][1]) {
            return false;
        }
    }
    return true;
}

/* Appends 's', with a backslash before each character of 'special', until it
 * has 'max' bytes. */
static void
put_escaped(struct text *text, const char *s, size_t max, const char *special,
            const char *allowed)
{
    const char *start = s;

    while (*s) {
        const char *from = s;
        unsigned int c = clean_next(&s);

        if ((size_t) (from - start) >= max) {
            text_puts(text, "...");
            break;
        }
        if (c == CLEAN_BAD_BYTE || (c < 0x20 && !strchr(allowed, c))) {
            text_printf(text, "\\x%02x", (unsigned char) *from);
        } else if (!clean_is_printable(c) && c >= 0x20) {
            text_printf(text, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
        } else {
            if (c < 0x80 && strchr(special, c)) {
                text_put_char(text, '\\');
            }
            text_put(text, from, s - from);
        }
    }
}

void
text_put_clean(struct text *text, const char *s, size_t max)
{
    put_escaped(text, s, max, "", "");
}

void
text_put_quoted(struct text *text, const char *s)
{
    text_put_char(text, '"');
    put_escaped(text, s, MAX_QUOTED, "\"\\", "");
    text_put_char(text, '"');
}

char *
intent_clean(const char *s, size_t max)
{
    struct text text = TEXT_INITIALIZER;

    text_puts(&text, "");
    put_escaped(&text, s, max, "", "");
    return text.s;
}

char *
intent_clean_lines(const char *s)
{
    struct text text = TEXT_INITIALIZER;

    text_reserve(&text, strlen(s));
    text_puts(&text, "");
    put_escaped(&text, s, SIZE_MAX, "", "\n\t");
    return text.s;
}
