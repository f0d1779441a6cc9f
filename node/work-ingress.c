/* SPDX-License-Identifier: Apache-2.0 */

/* The rows of OVN_Egress's Ingress_Port: see work-ingress.h. */

#include <config.h>

#include "node/work-ingress.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/vlog.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "plan/machine/machine.h"
#include "plan/machine/machine-set.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(work_ingress);

void
work_ingress_register(struct ovsdb_idl *idl)
{
    for (size_t i = 0; i < EGRESSREC_INGRESS_PORT_N_COLUMNS; i++) {
        ovsdb_idl_add_column(idl, &egressrec_ingress_port_columns[i]);
    }
}

void
work_parse_ips(const char *what, const char *column, char **texts, size_t n,
               struct intent_ips *ips)
{
    ips->items = xmalloc((n + 1) * sizeof *ips->items);
    ips->n = 0;
    for (size_t i = 0; i < n; i++) {
        if (ip_addr_parse(texts[i], &ips->items[ips->n])) {
            ips->n++;
        } else {
            VLOG_WARN("%s: %s: \"%s\" is not an address", what, column,
                      texts[i]);
        }
    }
}

/* Adds the backends of 'row' that are on 'node'. */
static void
add_backends(const struct egressrec_ingress_port *row, const char *node,
             struct machine_ingress *in)
{
    const struct smap_node *sn;

    in->backends = xmalloc((smap_count(&row->backends) + 1)
                           * sizeof *in->backends);
    SMAP_FOR_EACH (sn, &row->backends) {
        struct machine_backend b;

        if (!ip_port_parse(sn->key, &b.ip, &b.port)) {
            VLOG_WARN("Service %s: backends: \"%s\" is not ADDRESS:PORT",
                      row->service, sn->key);
        } else if (!strcmp(sn->value, node)) {
            in->backends[in->n_backends++] = b;
        }
    }
}

static void
convert(const struct egressrec_ingress_port *row, const char *node,
        struct machine_ingress *in)
{
    char *what = xasprintf("Service %s", row->service);

    *in = (struct machine_ingress) {
        .service = xstrdup(row->service),
        .protocol = machine_protocol_parse(row->protocol),
        .port = row->port,
        .local = row->local,
    };
    work_parse_ips(what, "ingress_ips", row->ingress_ips, row->n_ingress_ips,
                   &in->ingress_ips);
    work_parse_ips(what, "cluster_ips", row->cluster_ips, row->n_cluster_ips,
                   &in->cluster_ips);
    add_backends(row, node, in);
    free(what);
}

static int
compare(const void *a_, const void *b_)
{
    const struct machine_ingress *a = a_;
    const struct machine_ingress *b = b_;

    int cmp = strcmp(a->service, b->service);

    return (cmp ? cmp
            : a->protocol != b->protocol ? a->protocol - b->protocol
            : a->port - b->port);
}

struct machine_ingress *
work_ingress_collect(const struct ovsdb_idl *idl, const char *node, size_t *n)
{
    const struct egressrec_ingress_port *row;
    struct machine_ingress *rows = NULL;
    size_t allocated = 0;

    *n = 0;
    EGRESSREC_INGRESS_PORT_FOR_EACH (row, idl) {
        if (*n >= allocated) {
            rows = x2nrealloc(rows, &allocated, sizeof *rows);
        }
        convert(row, node, &rows[*n]);
        if (rows[*n].protocol) {
            ++*n;
        } else {
            VLOG_WARN("Service %s: protocol \"%s\" is unknown", row->service,
                      row->protocol);
            machine_ingress_destroy(&rows[*n]);
        }
    }
    if (*n) {
        qsort(rows, *n, sizeof *rows, compare);
    }
    return rows;
}

void
work_ingress_free(struct machine_ingress *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        machine_ingress_destroy(&rows[i]);
    }
    free(rows);
}
