/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any text as an object in JSON, as a part of one, and as an
 * overlay. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include "openvswitch/dynamic-string.h"
#include "tests/intent-check.h"

static void
decode(const char *json, size_t len, enum intent_strictness strictness)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_object *obj = intent_object_from_json(json, len, strictness,
                                                        &problems);

    ovs_assert(!obj == intent_problems_have_error(&problems));
    if (obj) {
        intent_check_manifest(obj, strictness);
    }
    intent_object_destroy(obj);
    intent_problems_destroy(&problems);
}

static void
fuzz_intent_json(const uint8_t *data, size_t size)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    decode((const char *) data, size, INTENT_STRICT);
    decode((const char *) data, size, INTENT_LENIENT);

    /* Inside an object that takes anything there, so that all that JSON can
     * say goes through YAML and back. */
    ds_put_cstr(&s, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\","
                "\"metadata\":{\"name\":\"a\"},\"status\":{\"a\":");
    ds_put_buffer(&s, (const char *) data, size);
    ds_put_cstr(&s, "}}");
    decode(ds_cstr(&s), s.length, INTENT_STRICT);

    ds_clear(&s);
    ds_put_buffer(&s, (const char *) data, size);
    free(intent_json_to_yaml(ds_cstr(&s)));
    free(intent_json_merge("{\"a\":{\"b\":1}}", ds_cstr(&s)));
    ds_destroy(&s);
}

EGRESS_FUZZ("intent-json", fuzz_intent_json)
