/* SPDX-License-Identifier: Apache-2.0 */

/* Decoding: strings, numbers, booleans, addresses.  See decode.h.
 *
 * An empty string is as good as none, as it is for the Go programs whose
 * formats these are; F_REQUIRED says where it is not. */

#include "intent/decode.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
decode_ignored(struct decoder *d, const struct value *value,
               const struct field *f, void *dst)
{
    (void) dst;
    decode_check_type(d, value, f->min);
}

void
decode_string(struct decoder *d, const struct value *value,
              const struct field *f, void *dst)
{
    if (!decode_check_type(d, value, T_STRING)) {
        return;
    }
    if (f->syntax && value->n) {
        const char *wanted = f->syntax(value->string);

        if (wanted) {
            if (f->flags & F_SECRET) {
                decode_error(d, value, NULL, "must be %s", wanted);
            } else {
                decode_error(d, value, NULL, "must be %s; not %s", wanted,
                             decode_quote(d, value->string));
            }
            return;
        }
    }
    *(char **) dst = arena_memdup0(d->arena, value->string, value->n);
}

/* Booleans. */

/* NMState takes these words in any case, and 1 and 0. */
static bool
parse_nmstate_bool(const struct value *value, bool *result)
{
    static const char *const words[] = {
        "0", "1", "false", "true", "no", "yes", "off", "on", "n", "y",
    };

    if (value->type == VALUE_INT && !(value->integer & ~1LL)) {
        *result = value->integer;
        return true;
    }
    if (value->type == VALUE_STRING) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (!strcasecmp(value->string, words[i])) {
                *result = i % 2;
                return true;
            }
        }
    }
    return false;
}

static bool
decode_boolean(struct decoder *d, const struct value *value,
               const struct field *f, bool *result)
{
    if (f->flags & F_NMSTATE && value->type != VALUE_BOOL) {
        if (!parse_nmstate_bool(value, result)) {
            decode_error(d, value, NULL, "must be a boolean: true or false, "
                         "yes or no, on or off, y or n, 1 or 0");
            return false;
        }
        return true;
    }
    if (!decode_check_type(d, value, T_BOOL)) {
        return false;
    }
    *result = value->boolean;
    return true;
}

void
decode_bool(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    decode_boolean(d, value, f, dst);
}

void
decode_tristate(struct decoder *d, const struct value *value,
                const struct field *f, void *dst)
{
    bool b;

    if (decode_boolean(d, value, f, &b)) {
        *(int *) dst = b;
    }
}

/* Numbers. */

/* NMState takes integers as strings, in decimal or as 0x... */
static bool
parse_nmstate_integer(const char *s, int64_t *result)
{
    bool negative = *s == '-';
    uint64_t magnitude;

    s += negative;
    if (!strncmp(s, "0x", 2) && !negative) {
        size_t n = strlen(s + 2);

        if (!n || n > 15 || strspn(s + 2, "0123456789abcdefABCDEF") != n) {
            return false;
        }
        magnitude = strtoull(s + 2, NULL, 16);
    } else if (!syntax_parse_number(s, INT64_MAX, &magnitude)) {
        return false;
    }
    *result = negative ? -(int64_t) magnitude : (int64_t) magnitude;
    return true;
}

bool
decode_number(struct decoder *d, const struct value *value,
              const struct field *f, int64_t *result)
{
    int64_t v;

    if (value->type == VALUE_STRING && f->flags & F_NMSTATE
        && parse_nmstate_integer(value->string, &v)) {
        /* It is in 'v'. */
    } else if (decode_check_type(d, value, T_INT)) {
        v = value->integer;
    } else {
        return false;
    }
    if (v < f->min || v > f->max) {
        decode_error(d, value, NULL, "must be from %lld to %lld, not %lld",
                     (long long int) f->min, (long long int) f->max,
                     (long long int) v);
        return false;
    }
    *result = v;
    return true;
}

void
decode_int(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    int64_t v;

    if (decode_number(d, value, f, &v)) {
        *(int *) dst = v;
    }
}

void
decode_u16(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    int64_t v;

    if (decode_number(d, value, f, &v)) {
        *(uint16_t *) dst = v;
    }
}

void
decode_u32(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    int64_t v;

    if (decode_number(d, value, f, &v)) {
        *(uint32_t *) dst = v;
    }
}

void
decode_i64(struct decoder *d, const struct value *value,
           const struct field *f, void *dst)
{
    int64_t v;

    if (decode_number(d, value, f, &v)) {
        *(int64_t *) dst = v;
    }
}

/* Parses a duration of Go's time.ParseDuration(): "90s", "1m30s", "1.5h".
 * Rounds down to milliseconds, of up to 10 years. */
static bool
parse_duration(const char *s, int64_t *ms)
{
    static const struct {
        const char *name;
        double ms;
    } units[] = {
        { "ns", 1e-6 }, { "us", 1e-3 }, { "\u00b5s", 1e-3 },
        { "\u03bcs", 1e-3 }, { "ms", 1 }, { "s", 1e3 }, { "m", 6e4 },
        { "h", 3.6e6 },
    };
    const double max = 10 * 366 * 24 * 3.6e6;
    bool negative = *s == '-';
    double total = 0;

    s += *s == '-' || *s == '+';
    if (!strcmp(s, "0")) {
        *ms = 0;
        return true;
    }
    do {
        size_t digits = strspn(s, "0123456789");
        size_t n = digits;

        if (s[n] == '.') {
            size_t fraction = strspn(s + n + 1, "0123456789");
            digits += fraction;
            n += 1 + fraction;
        }
        if (!digits) {
            return false;
        }

        char *end;
        double number = strtod(s, &end);
        if (end != s + n) {
            return false;       /* An exponent or hexadecimal. */
        }
        s = end;
        n = strcspn(s, "0123456789.");
        size_t i = 0;
        while (strlen(units[i].name) != n || strncmp(s, units[i].name, n)) {
            if (++i >= sizeof units / sizeof units[0]) {
                return false;
            }
        }
        total += number * units[i].ms;
        s += n;
    } while (*s && total <= max);

    *ms = (int64_t) (negative ? -total : total);
    return total <= max;
}

void
decode_duration(struct decoder *d, const struct value *value,
                const struct field *f, void *dst)
{
    int64_t ms;

    if (!decode_check_type(d, value, T_STRING)) {
        return;
    }
    if (!parse_duration(value->string, &ms)) {
        decode_error(d, value, NULL, "must be a duration such as \"90s\" or "
                     "\"1m30s\", not %s", decode_quote(d, value->string));
    } else if (ms < 0 || ms / 1000 < f->min || ms / 1000 > f->max) {
        decode_error(d, value, NULL, "must be from %llds to %llds, not %s",
                     (long long int) f->min, (long long int) f->max,
                     decode_quote(d, value->string));
    } else if (f->flags & F_WHOLE && ms % 1000) {
        decode_error(d, value, NULL, "must be whole seconds, not %s",
                     decode_quote(d, value->string));
    } else {
        *(int *) dst = ms / 1000;
    }
}

/* Names of values. */

static bool
parse_enum(struct decoder *d, const struct value *value,
           const struct field *f, int *result)
{
    const struct enum_name *names = f->arg;

    if (!decode_check_type(d, value, T_STRING) || !value->n) {
        return false;
    }
    for (const struct enum_name *e = names; e->name; e++) {
        if (!strcmp(value->string, e->name)) {
            *result = e->value;
            return true;
        }
    }

    struct text wanted = TEXT_INITIALIZER;
    for (const struct enum_name *e = names; e->name; e++) {
        text_printf(&wanted, "%s\"%s\"",
                    e == names ? "" : e[1].name ? ", " : " or ", e->name);
    }
    decode_error(d, value, NULL, "must be %s, not %s", wanted.s,
                 decode_quote(d, value->string));
    free(wanted.s);
    return false;
}

void
decode_enum(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    parse_enum(d, value, f, dst);
}

void
decode_enum_bool(struct decoder *d, const struct value *value,
                 const struct field *f, void *dst)
{
    int v;

    if (parse_enum(d, value, f, &v)) {
        *(bool *) dst = v;
    }
}

/* Addresses. */

void
decode_ip(struct decoder *d, const struct value *value,
          const struct field *f, void *dst)
{
    struct in6_addr ip;

    (void) f;
    if (!decode_check_type(d, value, T_STRING) || !value->n) {
        return;
    }
    if (!ip_addr_parse(value->string, &ip)) {
        decode_error(d, value, NULL, "must be an IP address, not %s",
                     decode_quote(d, value->string));
    } else if (!ip_is_set(&ip)) {
        decode_error(d, value, NULL, "must not be the unspecified address");
    } else {
        *(struct in6_addr *) dst = ip;
    }
}

void
decode_prefix(struct decoder *d, const struct value *value,
              const struct field *f, void *dst)
{
    struct ip_prefix prefix;
    char buf[IP_STRLEN];
    bool masked;

    (void) f;
    if (!decode_check_type(d, value, T_STRING) || !value->n) {
        return;
    }
    if (!ip_prefix_parse(value->string, &prefix, &masked)) {
        decode_error(d, value, NULL, "must be an IP prefix such as "
                     "192.0.2.0/24 or 2001:db8::/64, not %s",
                     decode_quote(d, value->string));
        return;
    }
    if (masked) {
        decode_warn(d, value, NULL, "%s has bits set after its prefix; "
                    "taken as %s", decode_quote(d, value->string),
                    ip_prefix_format(&prefix, buf));
    }
    *(struct ip_prefix *) dst = prefix;
}
