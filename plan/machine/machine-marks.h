/* SPDX-License-Identifier: Apache-2.0 */

/* Which packet mark stands for which routing table.
 *
 * Called by plan/machine/machine-service.c.  Pure: the same mask and tables
 * give the same marks, on every host and after every restart. */

#ifndef PLAN_MACHINE_MACHINE_MARKS_H
#define PLAN_MACHINE_MACHINE_MARKS_H 1

#include <stddef.h>
#include <stdint.h>

/* The marks of 'n' tables. */
struct machine_marks {
    uint32_t *tables;           /* Sorted. */
    uint32_t *marks;            /* In the same order; 0: none was left. */
    size_t n;
    uint32_t blocked;           /* For packets that may not leave. */
};

/* Gives each of the 'n' 'tables', sorted and unique, a mark within 'mask'.
 * The bits of 'mask' count as one number, of which 0 means "no mark" and all
 * ones "blocked".  A table whose number is small enough has it as its mark, so
 * that table 2 is 0x02000000 in 0xff000000 whatever other tables there are;
 * the others take what is free, from the highest down. */
void machine_marks_init(struct machine_marks *, uint32_t mask,
                        const uint32_t *tables, size_t n);
void machine_marks_destroy(struct machine_marks *);

/* Returns the mark of 'table', or 0. */
uint32_t machine_marks_get(const struct machine_marks *, uint32_t table);

#endif /* plan/machine/machine-marks.h */
