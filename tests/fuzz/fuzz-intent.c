/* SPDX-License-Identifier: Apache-2.0 */

/* Fuzz target: any text as manifests in YAML. */

#include <config.h>
#include "tests/fuzz/fuzz.h"

#include "tests/intent-check.h"

/* Parses 'data' and checks what comes out.  Returns the number of objects. */
static size_t
parse(const uint8_t *data, size_t size, enum intent_strictness strictness)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;

    intent_parse((const char *) data, size, "fuzz", strictness, &list,
                 &problems);
    intent_list_check(&list, &problems);
    for (size_t i = 0; i < list.n; i++) {
        intent_check_manifest(list.objs[i], strictness);
    }
    for (size_t i = 0; i < problems.n; i++) {
        free(intent_problem_to_string(&problems.items[i]));
    }

    size_t n = list.n;
    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
    return n;
}

static void
fuzz_intent(const uint8_t *data, size_t size)
{
    size_t n_strict = parse(data, size, INTENT_STRICT);
    size_t n_lenient = parse(data, size, INTENT_LENIENT);

    ovs_assert(n_strict <= n_lenient);
}

EGRESS_FUZZ("intent", fuzz_intent)
