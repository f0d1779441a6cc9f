/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold for every object that intent/ decodes, whatever the text:
 * the fuzzers and the tests of intent/ use it.  It is a header so that
 * libFuzzer can compile a target as one file. */

#ifndef INTENT_CHECK_H
#define INTENT_CHECK_H 1

#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "util.h"

/* Aborts unless the manifest of 'obj' means 'obj' again: as JSON, as YAML,
 * and as jansson writes it. */
static inline void
intent_check_manifest(const struct intent_object *obj,
                      enum intent_strictness strictness)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;
    struct intent_object *again = intent_object_from_json(
        obj->manifest, strlen(obj->manifest), strictness, &problems);
    char *yaml = intent_json_to_yaml(obj->manifest);
    char *merged = intent_json_merge(obj->manifest, "{}");

    ovs_assert(again && !strcmp(again->manifest, obj->manifest));
    ovs_assert(!strcmp(again->id, obj->id));
    ovs_assert(merged && !strcmp(merged, obj->manifest));

    ovs_assert(yaml);
    intent_parse(yaml, strlen(yaml), "yaml", strictness, &list, &problems);
    ovs_assert(list.n == 1);
    ovs_assert(!strcmp(list.objs[0]->manifest, obj->manifest));

    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
    intent_object_destroy(again);
    free(merged);
    free(yaml);
}

#endif /* tests/intent-check.h */
