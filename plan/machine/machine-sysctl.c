/* SPDX-License-Identifier: Apache-2.0 */

/* What the network of a service wants of the host's settings: objects of
 * class sysctl.  Called by machine-service.c. */

#include <config.h>

#include <stdlib.h>

#include "plan/machine/machine-build.h"
#include "plan/machine/machine-link.h"
#include "util.h"

/* Adds a sysctl of a port of the network, unless a policy has it. */
static void
add_sysctl(struct machine_builder *b, uint32_t table, const char *port,
           const char *name, const char *value)
{
    struct machine_sysctl sysctl = machine_sysctl_of_link(IP_V4, port, name,
                                                          value);
    char *origin = machine_table_origin(table);

    if (machine_builder_find(b, &sysctl)) {
        machine_class_sysctl.destroy(&sysctl);
    } else {
        machine_builder_add(b, &sysctl, origin);
    }
    free(origin);
}

/* The name of the port that 'object' gives to the VRF with 'table', or
 * NULL. */
static const char *
port_of(const struct machine_builder *b, const struct machine_object *object,
        uint32_t table)
{
    const struct machine_iface *port = (const void *) object;

    if (object->class != &machine_class_port) {
        return NULL;
    }

    const struct machine_iface place = machine_iface(&machine_class_vrf,
                                                     port->vrf);
    const struct machine_iface *vrf = machine_builder_find(b, &place);
    return vrf && vrf->table == table ? port->name : NULL;
}

/* The ports that a policy gave to the network forward, and where there are
 * several they take what another one leads back to. */
void
machine_build_sysctls(struct machine_builder *b, uint32_t table)
{
    struct machine_objects *want = &b->machine->want;
    size_t n = want->n;
    size_t n_ports = 0;

    for (size_t i = 0; i < n; i++) {
        n_ports += port_of(b, want->items[i], table) != NULL;
    }
    for (size_t i = 0; i < n && n_ports; i++) {
        const char *port = port_of(b, want->items[i], table);

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
