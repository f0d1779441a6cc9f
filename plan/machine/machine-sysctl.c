/* SPDX-License-Identifier: Apache-2.0 */

/* What the network of a service wants of the host's settings: rows of the
 * table sysctl.  Called by machine-service.c. */

#include <config.h>

#include <stdlib.h>
#include <string.h>

#include "plan/machine/machine-build.h"
#include "plan/rows/row.h"
#include "util.h"

/* Adds a sysctl of a port of the network, unless a policy has it. */
static void
add_sysctl(struct machine_builder *b, uint32_t table, const char *port,
           const char *name, const char *value)
{
    char *path = xasprintf("net/ipv4/conf/%s/%s", port, name);

    if (!machine_builder_find(b, "sysctl", path)) {
        struct plan_row *row = plan_row_create("sysctl", path);
        char *origin = machine_table_origin(table);

        plan_row_set_string(row, "value", value);
        machine_builder_add(b, row, origin);
        free(origin);
    }
    free(path);
}

/* The name of the port that 'row' gives to the VRF with 'table', or NULL. */
static const char *
port_of(const struct machine_builder *b, const struct plan_row *row,
        uint32_t table)
{
    if (strcmp(row->table, "port")) {
        return NULL;
    }

    const struct plan_row *vrf = machine_builder_find(
        b, "vrf", plan_row_string(row, "vrf", ""));
    return (vrf && plan_row_integer(vrf, "table", 0) == table
            ? row->key : NULL);
}

/* The ports that a policy gave to the network forward, and where there are
 * several they take what another one leads back to. */
void
machine_build_sysctls(struct machine_builder *b, uint32_t table)
{
    struct plan_rows *want = &b->machine->want;
    size_t n = want->n;
    size_t n_ports = 0;

    for (size_t i = 0; i < n; i++) {
        n_ports += port_of(b, want->rows[i], table) != NULL;
    }
    for (size_t i = 0; i < n && n_ports; i++) {
        const char *port = port_of(b, want->rows[i], table);

        if (port) {
            const struct machine_link *link
                = machine_facts_find_link(b->in->facts, port);

            add_sysctl(b, table, port, "forwarding", "1");
            if (n_ports > 1 && link && link->was_strict) {
                add_sysctl(b, table, port, "rp_filter", "2");
            }
        }
    }
}
