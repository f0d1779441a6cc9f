/* SPDX-License-Identifier: Apache-2.0 */

/* jansson (in the decoder) and libopenvswitch define the same names.  This
 * uses both by turns in one process: were they mixed up, it would crash. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>

#include "openvswitch/json.h"

#include "intent/intent.h"
#include "tests/egress-test.h"

static void
both_json(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    for (int i = 0; i < 3; i++) {
        char *text = intent_versions();
        struct json *json = json_from_string(text);
        struct json *copy = json_deep_clone(json);

        ovs_assert(json->type == JSON_OBJECT);
        ovs_assert(json_equal(json, copy));
        ovs_assert(shash_find_data(json_object(json), "jansson"));
        json_destroy(copy);
        json_destroy(json);
        free(text);
    }
    puts("both work");
}

EGRESS_TEST("both-json", "", 0, 0, both_json)
