/* SPDX-License-Identifier: Apache-2.0 */

/* Marks of routing tables: see machine-marks.h. */

#include <config.h>

#include "plan/machine/machine-marks.h"

#include <stdbool.h>
#include <stdlib.h>

#include "util.h"

/* Returns the bits of 'value' moved to the places of the ones in 'mask', the
 * lowest first. */
static uint32_t
deposit(uint32_t value, uint32_t mask)
{
    uint32_t result = 0;

    for (uint32_t bit = 1; bit; bit <<= 1) {
        if (mask & bit) {
            if (value & 1) {
                result |= bit;
            }
            value >>= 1;
        }
    }
    return result;
}

static bool
is_taken(const struct machine_marks *m, uint32_t mark)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->marks[i] == mark) {
            return true;
        }
    }
    return false;
}

void
machine_marks_init(struct machine_marks *m, uint32_t mask,
                   const uint32_t *tables,
                   size_t n)
{
    unsigned int bits = count_1bits(mask);
    uint32_t max = bits >= 32 ? UINT32_MAX - 1 : (UINT32_C(1) << bits) - 2;

    *m = (struct machine_marks) {
        .tables = n ? xmemdup(tables, n * sizeof *tables) : NULL,
        .marks = xcalloc(n, sizeof *m->marks),
        .n = n,
        .blocked = mask,
    };
    for (size_t i = 0; i < n; i++) {
        if (tables[i] <= max) {
            m->marks[i] = deposit(tables[i], mask);
        }
    }

    uint32_t next = max;
    for (size_t i = 0; i < n; i++) {
        while (!m->marks[i] && next) {
            uint32_t mark = deposit(next--, mask);

            if (!is_taken(m, mark)) {
                m->marks[i] = mark;
            }
        }
    }
}

void
machine_marks_destroy(struct machine_marks *m)
{
    if (m) {
        free(m->tables);
        free(m->marks);
        *m = (struct machine_marks) { .n = 0 };
    }
}

uint32_t
machine_marks_get(const struct machine_marks *m, uint32_t table)
{
    for (size_t i = 0; i < m->n; i++) {
        if (m->tables[i] == table) {
            return m->marks[i];
        }
    }
    return 0;
}
