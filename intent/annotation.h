/* SPDX-License-Identifier: Apache-2.0 */

/* Annotations that hold addresses.  A bad one is an error in what a user
 * writes, but only a warning, and as good as absent, in what an API server
 * gives: there it must not cost the whole object.  service.c and node.c use
 * this. */

#ifndef INTENT_ANNOTATION_H
#define INTENT_ANNOTATION_H 1

#include "intent/decode.h"

/* An annotation of the object that is being decoded. */
struct annotation {
    const char *key;
    const struct value *value;  /* A string. */
};

/* Finds 'key' in the object 'map'.  Returns false if it is not there. */
bool annotation_get(const struct value *map, const char *key,
                    struct annotation *);

/* Reports that the annotation "must be FORMAT". */
void annotation_problem(struct decoder *, const struct annotation *,
                        const char *must_be);

/* Takes the annotation apart at its commas, into addresses or networks, and
 * adds them to 'list'.  An address may have a prefix length, which does not
 * count.  Returns false, with the problem reported and nothing added, if one
 * is bad. */
bool annotation_get_ips(struct decoder *, const struct annotation *,
                        struct intent_ips *list);
bool annotation_get_prefixes(struct decoder *, const struct annotation *,
                             struct intent_prefixes *list);

/* The same for a value that stands in an annotation of JSON: a string, a
 * list of strings, or a mapping of strings.  They report nothing. */
bool annotation_ips_from_value(struct decoder *, const struct value *,
                               struct intent_ips *list);
bool annotation_prefixes_from_value(struct decoder *, const struct value *,
                                    struct intent_prefixes *list);

#endif /* intent/annotation.h */
