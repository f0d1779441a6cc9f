/* SPDX-License-Identifier: Apache-2.0 */

/* Does the network of each service lead somewhere?  Asked when the kernel has
 * what we want, so what is missing is for somebody else to repair: the text of
 * an error is all that this can do.  See machine_check() in machine.h. */

#include <config.h>

#include "plan/machine/machine.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/machine/machine-build.h"
#include "util.h"

/* What is wrong with a table: found out once for all services that use it. */
struct verdict {
    uint32_t table;
    enum ip_family family;
    char *error;                /* "" if nothing is. */
};

struct verdicts {
    struct verdict *items;
    size_t n, allocated;
};

/* Appends what is wrong with the VRF device 'vrf' and its ports. */
static void
check_vrf(const struct machine_facts *facts, const struct machine_link *vrf,
          enum ip_family family, struct ds *s)
{
    bool has_port = false;

    if (!vrf->up) {
        ds_put_format(s, "VRF %s is down; ", vrf->name);
    }
    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *port = &facts->links[i];

        if (!strcmp(port->master, vrf->name)) {
            has_port = true;
            if (family == IP_V4 && !port->forwarding) {
                ds_put_format(s, "net.ipv4.conf.%s.forwarding is 0; ",
                              port->name);
            }
        }
    }
    if (!has_port) {
        ds_put_format(s, "VRF %s has no port; ", vrf->name);
    }
}

/* A packet that came in by a port other than that which leads back is dropped
 * if the port is strict, which can only be where there are several. */
static void
check_strict(const struct machine_facts *facts, const struct machine_link *vrf,
             struct smap *warnings)
{
    const struct machine_link *strict = NULL;
    size_t n = 0;

    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *port = &facts->links[i];

        if (!strcmp(port->master, vrf->name)) {
            n++;
            strict = port->strict ? port : strict;
        }
    }
    if (strict && n > 1) {
        char *origin = machine_table_origin(vrf->table);

        machine_error(warnings, origin, "net.ipv4.conf.%s.rp_filter is 1, and "
                      "VRF %s has several ports", strict->name, vrf->name);
        free(origin);
    }
}

/* What comes from endpoints and goes to them must be forwarded, at least by
 * one of the interfaces that lead to the networks of the cluster. */
static void
check_inside(const struct machine_facts *facts, struct smap *errors)
{
    const struct machine_link *inside = NULL;

    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *link = &facts->links[i];

        if (link->inside && link->forwarding) {
            return;
        }
        inside = link->inside ? link : inside;
    }
    if (inside) {
        machine_error(errors, MACHINE_ALL_SERVICES,
                      "net.ipv4.conf.%s.forwarding is 0", inside->name);
    }
}

/* Returns what is wrong with 'table', or "".  The caller frees it. */
static char *
check_table(const struct machine_facts *facts, uint32_t table,
            enum ip_family family, struct smap *warnings)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < facts->n_links; i++) {
        const struct machine_link *link = &facts->links[i];

        if (link->is_vrf && link->table == table) {
            check_vrf(facts, link, family, &s);
            if (family == IP_V4) {
                check_strict(facts, link, warnings);
            }
        }
    }
    if (!machine_facts_is_usable(facts, table, family)) {
        ds_put_format(&s, "routing table %"PRIu32" has no %s route to the "
                      "outside, such as a default route; ",
                      table, ip_family_title(family));
    }
    if (family == IP_V6 && !facts->ipv6_forwarding) {
        ds_put_cstr(&s, "net.ipv6.conf.all.forwarding is 0; ");
    }
    ds_chomp(&s, ' ');
    ds_chomp(&s, ';');
    return ds_steal_cstr(&s);
}

static const char *
get_verdict(struct verdicts *v, const struct machine_facts *facts,
            uint32_t table, enum ip_family family, struct smap *warnings)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->items[i].table == table && v->items[i].family == family) {
            return v->items[i].error;
        }
    }
    if (v->n >= v->allocated) {
        v->items = x2nrealloc(v->items, &v->allocated, sizeof *v->items);
    }
    v->items[v->n] = (struct verdict) {
        .table = table,
        .family = family,
        .error = check_table(facts, table, family, warnings),
    };
    return v->items[v->n++].error;
}

static bool
has_family(const struct intent_ips *ips, enum ip_family family)
{
    for (size_t i = 0; i < ips->n; i++) {
        if (ip_family(&ips->items[i]) == family) {
            return true;
        }
    }
    return false;
}

void
machine_check(const struct machine_input *in, struct smap *errors,
              struct smap *warnings)
{
    struct verdicts verdicts = { NULL, 0, 0 };

    if (in->n_services) {
        check_inside(in->facts, errors);
    }

    for (size_t i = 0; i < in->n_services; i++) {
        const struct machine_service *s = &in->services[i];
        const struct intent_ips *ips = s->local ? &s->endpoints
                                                : &s->source_ips;
        uint32_t table = machine_resolve_network(in, s->network);

        for (int family = 0;
             family < IP_N_FAMILIES && table && s->state != MACHINE_DRAINING
             && s->state != MACHINE_REMOVING;
             family++) {
            const char *error = (has_family(ips, family)
                                 ? get_verdict(&verdicts, in->facts, table,
                                               family, warnings)
                                 : "");
            if (*error) {
                char *origin = machine_service_origin(s);
                machine_error(errors, origin, "%s", error);
                free(origin);
            }
        }
    }
    for (size_t i = 0; i < verdicts.n; i++) {
        free(verdicts.items[i].error);
    }
    free(verdicts.items);
}
