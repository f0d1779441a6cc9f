/* SPDX-License-Identifier: Apache-2.0 */

/* The tables that we write, as data: see the header. */

#include <config.h>

#include "ovsdb/db-table.h"

#include <string.h>

#include "ovsdb-idl-provider.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/nb-idl.h"
#include "plan/plan.h"
#include "util.h"

/* Sets stand before the policies that name them, because ovn-controller warns
 * of a set that it does not know. */
static const struct db_table nb_tables[] = {
    {
        .class = &nbrec_table_load_balancer_group,
        .key = { "name" },
        .only = PLAN_LB_GROUP,
        .columns = { { "name", DB_WHOLE } },
        .parents = {
            { &nbrec_table_logical_router, "load_balancer_group" },
            { &nbrec_table_logical_switch, "load_balancer_group" },
        },
    },
    {
        .class = &nbrec_table_address_set,
        .columns = {
            { "name", DB_WHOLE },
            { "addresses", DB_MEMBERS },
            { "external_ids", DB_OUR_KEYS },
        },
    }, {
        /* "nexthop" is here because a policy that has it is ignored by newer
         * versions of northd: whoever sets it, it must go. */
        .class = &nbrec_table_logical_router_policy,
        .columns = {
            { "priority", DB_WHOLE },
            { "match", DB_WHOLE },
            { "action", DB_WHOLE },
            { "nexthop", DB_WHOLE },
            { "nexthops", DB_WHOLE },
            { "options", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
        .parents = { { &nbrec_table_logical_router, "policies" } },
        .first = "priority",
    }, {
        .class = &nbrec_table_logical_router_static_route,
        .columns = {
            { "ip_prefix", DB_WHOLE },
            { "policy", DB_WHOLE },
            { "nexthop", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
        .parents = { { &nbrec_table_logical_router, "static_routes" } },
    }, {
        .class = &nbrec_table_nat,
        .columns = {
            { "type", DB_WHOLE },
            { "external_ip", DB_WHOLE },
            { "logical_ip", DB_WHOLE },
            { "external_port_range", DB_WHOLE },
            { "options", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
        .parents = { { &nbrec_table_logical_router, "nat" } },
    }, {
        .class = &nbrec_table_load_balancer,
        .columns = {
            { "name", DB_WHOLE },
            { "vips", DB_WHOLE },
            { "protocol", DB_WHOLE },
            { "options", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
        .parents = { { &nbrec_table_load_balancer_group, "load_balancer" } },
    },
};

static const struct db_table egress_tables[] = {
    {
        .class = &egressrec_table_ingress_port,
        .key = { "service", "protocol", "port" },
        .columns = {
            { "service", DB_WHOLE },
            { "protocol", DB_WHOLE },
            { "port", DB_WHOLE },
            { "ingress_ips", DB_WHOLE },
            { "cluster_ips", DB_WHOLE },
            { "local", DB_WHOLE },
            { "backends", DB_MEMBERS },
        },
    },
    {
        .class = &egressrec_table_node,
        .key = { "name" },
        .columns = {
            { "name", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
    }, {
        .class = &egressrec_table_node_peer,
        .key = { "node", "peer" },
        .columns = {
            { "node", DB_WHOLE },
            { "peer", DB_WHOLE },
            { "manifest", DB_WHOLE },
            { "bfd", DB_WHOLE },
            { "bfd_name", DB_WHOLE },
            { "password", DB_WHOLE },
            { "announcements", DB_WHOLE },
            { "revision", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
    }, {
        .class = &egressrec_table_node_policy,
        .key = { "node", "policy" },
        .columns = {
            { "node", DB_WHOLE },
            { "policy", DB_WHOLE },
            { "manifest", DB_WHOLE },
            { "revision", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
    }, {
        .class = &egressrec_table_node_service,
        .key = { "node", "service" },
        .columns = {
            { "node", DB_WHOLE },
            { "service", DB_WHOLE },
            { "state", DB_WHOLE },
            { "role", DB_WHOLE },
            { "epoch", DB_WHOLE },
            { "prepends", DB_WHOLE },
            { "network", DB_WHOLE },
            { "source_ips", DB_WHOLE },
            { "ingress_ips", DB_WHOLE },
            { "endpoints", DB_MEMBERS },
            { "cluster_ips", DB_WHOLE },
            { "node_ports", DB_WHOLE },
            { "revision", DB_WHOLE },
            { "external_ids", DB_OUR_KEYS },
        },
    },
};

const struct db_schema db_nb_schema = {
    nb_tables, ARRAY_SIZE(nb_tables)
};
const struct db_schema db_egress_schema = {
    egress_tables, ARRAY_SIZE(egress_tables)
};

bool
db_is_our_key(const char *key)
{
    static const char *const keys[] = {
        "owner", "key", "service", "services", "node", "EgressSVC", "created",
    };

    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        if (!strcmp(key, keys[i])) {
            return true;
        }
    }
    return false;
}

const struct db_table *
db_schema_find(const struct db_schema *schema, const char *table)
{
    for (size_t i = 0; i < schema->n; i++) {
        if (!strcmp(schema->tables[i].class->name, table)) {
            return &schema->tables[i];
        }
    }
    return NULL;
}

const struct ovsdb_idl_column *
db_class_column(const struct ovsdb_idl_table_class *class, const char *column)
{
    for (size_t i = 0; i < class->n_columns; i++) {
        if (!strcmp(class->columns[i].name, column)) {
            return &class->columns[i];
        }
    }
    return NULL;
}

static void
register_column(struct ovsdb_idl *idl,
                const struct ovsdb_idl_table_class *class, const char *column)
{
    const struct ovsdb_idl_column *c = db_class_column(class, column);

    ovs_assert(c);
    ovsdb_idl_track_add_column(idl, c);
}

void
db_schema_register(const struct db_schema *schema, struct ovsdb_idl *idl)
{
    for (size_t i = 0; i < schema->n; i++) {
        const struct db_table *t = &schema->tables[i];

        for (size_t j = 0; j < DB_MAX_COLUMNS && t->columns[j].name; j++) {
            register_column(idl, t->class, t->columns[j].name);
        }
        for (size_t j = 0; j < DB_MAX_PARENTS && t->parents[j].class; j++) {
            register_column(idl, t->parents[j].class, "name");
            register_column(idl, t->parents[j].class, t->parents[j].column);
        }
    }
}
