/* SPDX-License-Identifier: Apache-2.0 */

/* Decoding one object, for parse.c. */

#ifndef INTENT_OBJECT_H
#define INTENT_OBJECT_H 1

#include "intent/intent.h"
#include "intent/value.h"

/* Where objects go, and how. */
struct parser {
    const char *file;
    enum intent_strictness strictness;
    struct intent_problems *problems;
    struct intent_list *list;   /* NULL for a single object. */
};

/* Decodes 'map'.  Returns NULL if it has an error, or is passed over. */
struct intent_object *object_decode(const struct parser *,
                                    const struct value *map);

#endif /* intent/object.h */
