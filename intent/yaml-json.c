/* SPDX-License-Identifier: Apache-2.0 */

/* YAML that is no manifest, such as a kubeconfig, as JSON: see intent.h. */

#include "intent/value.h"

#include <stdlib.h>

#include "intent/problem.h"

char *
intent_yaml_to_json(const char *text, size_t len, const char *file,
                    struct intent_problems *problems)
{
    struct yaml_reader *reader = yaml_reader_create(text, len, 0, file,
                                                    problems);
    struct intent_arena *arena = arena_create();
    struct text out = TEXT_INITIALIZER;
    struct value *value = NULL;

    while (!value && yaml_reader_next(reader, arena, &value)) {
        continue;
    }
    if (value && !intent_problems_have_error(problems)) {
        value_to_json(value, &out);
    } else if (!value && !problems->n) {
        problem_add(problems, INTENT_ERROR, "", "", file, 0, 0, "is empty");
    }
    arena_destroy(arena);
    yaml_reader_destroy(reader);
    return out.s;
}
