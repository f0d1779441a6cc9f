/* SPDX-License-Identifier: Apache-2.0 */

/* Namespace and Secret of v1, of which we need little: the labels of the one,
 * the password in the other. */

#include "intent/kind-info.h"

#include <stdint.h>
#include <string.h>

/* Namespace. */

static const struct field namespace_fields[] = {
    OBJECT_FIELDS,
    IGNORED("spec", T_MAP),
    IGNORED("status", T_MAP),
    { .name = NULL },
};

const struct table namespace_table = { .fields = namespace_fields };

/* Secret. */

/* Returns the value of a digit of Base64 (RFC 4648 section 4), or -1. */
static int
base64_digit(char c)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *p = c ? strchr(digits, c) : NULL;

    return p ? p - digits : -1;
}

/* Decodes 'n' bytes of Base64.  Returns NULL if it is not that.  Sets
 * '*binary' to whether there is a null byte in it. */
static char *
base64_decode(struct intent_arena *arena, const char *s, size_t n,
              bool *binary)
{
    char *out = arena_zalloc(arena, n / 4 * 3 + 1);
    size_t n_out = 0;

    *binary = false;

    if (n % 4) {
        return NULL;
    }
    for (size_t i = 0; i < n; i += 4) {
        int padding = i + 4 < n ? 0 : (s[i + 3] == '=') + (s[i + 2] == '=');
        uint32_t bits = 0;

        if (padding == 1 && s[i + 3] != '=') {
            return NULL;
        }
        for (int j = 0; j < 4; j++) {
            int digit = j < 4 - padding ? base64_digit(s[i + j]) : 0;

            if (digit < 0) {
                return NULL;
            }
            bits = bits << 6 | (uint32_t) digit;
        }
        for (int j = 0; j < 3 - padding; j++) {
            out[n_out] = bits >> (16 - 8 * j) & 0xff;
            *binary = *binary || !out[n_out];
            n_out++;
        }
    }
    return out;
}

/* 'dst' is the struct intent_secret. */
static void
decode_data(struct decoder *d, const struct value *value,
            const struct field *f, void *dst)
{
    struct intent_secret *secret = dst;

    (void) f;
    if (!decode_check_type(d, value, T_MAP)) {
        return;
    }
    for (size_t i = 0; i < value->n; i++) {
        const struct member *m = &value->members[i];
        struct path path;

        decode_push(d, &path, m->key, 0);
        if (decode_check_type(d, m->value, T_STRING)
            && !strcmp(m->key, "password")) {
            bool binary;
            char *password = base64_decode(d->arena, m->value->string,
                                           m->value->n, &binary);

            if (!password) {
                decode_error(d, m->value, NULL, "must be Base64");
            } else if (binary) {
                decode_warn(d, m->value, NULL, "has null bytes: ovn-egress "
                            "does not take this for a password");
            } else {
                secret->password = password;
            }
        }
        decode_pop(d);
    }
}

static const struct field string_data_fields[] = {
    FIELD("password", string, intent_secret, password),
    { .name = NULL },
};

/* It is decoded after "data" and overrides it, as in Kubernetes. */
static const struct table string_data_table = {
    .fields = string_data_fields,
    .open = true,
};

static const struct field secret_fields[] = {
    OBJECT_FIELDS,
    FIELD("data", data, intent_object, secret),
    SECTION("stringData", string_data_table, secret),
    IGNORED("type", T_STRING),
    IGNORED("immutable", T_BOOL),
    IGNORED("status", T_MAP),   /* None of Kubernetes', but "get" shows it. */
    { .name = NULL },
};

const struct table secret_table = { .fields = secret_fields };
