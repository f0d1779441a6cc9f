/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the table Object: finding them, and reading their conditions.
 *
 * Called by all object commands.  Never writes. */

#ifndef CTL_OBJECT_H
#define CTL_OBJECT_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/intent.h"
#include "utilities/ctl-command.h"

struct ctl_context;
struct egressrec_object;

/* Monitors the table Object. */
void object_monitor(struct ctl_context *);

/* Likewise, but if no other command wants to see them, only the rows that
 * 'refs' can mean: what does not concern us neither has to be fetched nor wakes
 * us up. */
void object_monitor_refs(struct ctl_context *, const struct object_refs *refs);

/* Returns the row of an object, or NULL. */
const struct egressrec_object *object_find(enum intent_kind,
                                           const char *namespace,
                                           const char *name);

/* Returns "KIND NAMESPACE/NAME" or "KIND NAME", to be freed by the caller. */
char *object_id(const struct egressrec_object *);
char *object_ref_id(const struct object_ref *);

/* Returns "NAMESPACE/NAME" or "NAME", to be freed by the caller. */
char *object_key(const struct egressrec_object *);

/* Rows, borrowed from the IDL. */
struct object_rows {
    const struct egressrec_object **rows;
    size_t n, allocated;
};

/* Returns the rows that 'refs' means, each once, sorted by kind, namespace and
 * name.  A ref with a name and without a namespace means the object of this
 * name in any namespace, if there is just one; with several, sets ctx->error.
 * What is named and not there is reported, unless 'ignore_missing'. */
struct object_rows object_rows_select(struct ctl_context *,
                                      const struct object_refs *refs,
                                      bool ignore_missing);
void object_rows_destroy(struct object_rows *);

/* The kind of 'row'.  Returns false if this version does not know it. */
bool object_kind(const struct egressrec_object *row, enum intent_kind *);

/* A condition of an object: in its row "STATUS REASON MESSAGE", see
 * ovn-egress(5). */
struct object_condition {
    const char *status;         /* "True", "False", "Unknown". */
    const char *reason;         /* "" if none. */
    const char *message;        /* "" if none. */
    const char *since;          /* Time of the last transition, or "". */
    char *text;                 /* Owns the former. */
};

/* Reads the condition 'type' of 'row' into '*c', to be freed with
 * object_condition_destroy().  Returns false, with '*c' of status "Unknown",
 * if it has none. */
bool object_condition_get(const struct egressrec_object *row,
                          const char *type, struct object_condition *c);
void object_condition_destroy(struct object_condition *);

#endif /* utilities/ctl-object.h */
