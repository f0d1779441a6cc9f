/* SPDX-License-Identifier: Apache-2.0 */

/* Rows of the table "nft" as objects.  Pure. */

#ifndef PLAN_MACHINE_MACHINE_ROWS_H
#define PLAN_MACHINE_MACHINE_ROWS_H 1

#include "plan/machine/object.h"
#include "plan/rows/row.h"

struct machine_row {
    struct machine_object object;
    const struct plan_row *row; /* Another one's. */
};

extern const struct machine_class machine_class_nft;

/* Adds an object for each of 'rows', which must live longer. */
void machine_rows_wrap(const struct plan_rows *rows, struct machine_objects *);

/* The row of 'object', or NULL if that is NULL. */
const struct plan_row *machine_row_get(const struct machine_object *object);

#endif /* plan/machine/machine-rows.h */
