/* SPDX-License-Identifier: Apache-2.0 */

/* Namespace and Secret of v1, of which we need little: the labels of the one,
 * the password in the other. */

#include "intent/kind-info.h"

#include <stdlib.h>
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
            size_t n;
            char *password = intent_base64_decode(m->value->string,
                                                  m->value->n, &n);

            if (!password) {
                decode_error(d, m->value, NULL, "must be Base64");
            } else if (strlen(password) != n) {
                decode_warn(d, m->value, NULL, "has null bytes: ovn-egress "
                            "does not take this for a password");
            } else {
                secret->password = arena_strdup(d->arena, password);
            }
            free(password);
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
