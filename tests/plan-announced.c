/* SPDX-License-Identifier: Apache-2.0 */

/* What must hold of announcements whatever happens: routers send what comes
 * for an address to the node where packets leave with it, and there is one at
 * all times.  Called by test-plan-sim.c. */

#include <config.h>

#include <string.h>

#include "tests/plan-must.h"
#include "util.h"

static bool
is_in_state(const struct plan_row *row, const char *state)
{
    return (!strcmp(row->table, "Node_Service")
            && !strcmp(plan_row_string(row, "state", ""), state));
}

static bool
is_of_role(const struct plan_row *row, const char *role)
{
    return !strcmp(plan_row_string(row, "role", ""), role);
}

/* Returns the host of the service of 'row', by the status in 'plan': "" if it
 * has none. */
static const char *
find_host(const struct plan *plan, const struct plan_row *row)
{
    char *id = xasprintf("EgressService %s",
                         plan_row_string(row, "service", ""));
    const struct plan_status *st = shash_find_data(&plan->status, id);

    free(id);
    return st ? smap_get_def(&st->status, "host", "") : "";
}

/* True if 'row' is that of the host of its service, alive or not. */
static bool
is_of_host(const struct plan *plan, const struct plan_row *row)
{
    return (!strcmp(row->table, "Node_Service") && is_of_role(row, "host")
            && !strcmp(find_host(plan, row),
                       plan_row_string(row, "node", "")));
}

/* True if the service of 'row' has a host, or its rows had.  Those of services
 * without a host are not counted. */
static bool
is_ranked(const struct plan *plan, const struct plan_row *row)
{
    const char *host = find_host(plan, row);

    return *host && strcmp(host, "ALL");
}

static bool
have_common_ip(const struct plan_row *a, const struct plan_row *b)
{
    const struct plan_column *c = plan_row_get(a, "ingress_ips");

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        if (plan_row_has(b, "ingress_ips",
                         json_string(c->datum.keys[i].s))) {
            return true;
        }
    }
    return false;
}

/* Ranks. */

/* The host 'a' of a service is newer than each other node that may still
 * announce the service or one of its addresses. */
static void
check_newest(const struct world *w, const struct plan *plan,
             const struct plan_row *a)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *b = plan->work.rows[i];

        if ((is_in_state(b, "active") || is_in_state(b, "draining"))
            && strcmp(plan_row_string(a, "node", ""),
                      plan_row_string(b, "node", ""))
            && (!strcmp(plan_row_string(a, "service", ""),
                        plan_row_string(b, "service", ""))
                || (is_ranked(plan, b) && have_common_ip(a, b)))) {
            MUST(plan_row_integer(a, "epoch", 0)
                 > plan_row_integer(b, "epoch", 0),
                 "%s %s", a->key, b->key);
        }
    }
}

/* A router can tell 'a', a host, from each other host that announces an
 * address of it. */
static void
check_distinct(const struct world *w, const struct plan *plan,
               const struct plan_row *a)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *b = plan->work.rows[i];

        MUST(!is_in_state(b, "active")
             || !strcmp(plan_row_string(a, "node", ""),
                        plan_row_string(b, "node", ""))
             || !is_ranked(plan, a) || !is_ranked(plan, b)
             || !have_common_ip(a, b)
             || is_of_role(a, "local") || is_of_role(b, "local")
             || (plan_row_integer(a, "epoch", 0)
                 != plan_row_integer(b, "epoch", 0)),
             "%s %s", a->key, b->key);
    }
}

/* Sources. */

static bool
is_ipv6(const char *ip)
{
    return strchr(ip, ':') != NULL;
}

static bool
has_nat(const struct plan *plan, const char *router, const char *ip)
{
    char *key = xasprintf("snat %s %s", router, ip);
    bool found = plan_rows_find(&plan->nb, "NAT", key) != NULL;

    free(key);
    return found;
}

/* True if 'row' has a source of the family of 'ip'. */
static bool
has_source(const struct plan_row *row, const char *ip)
{
    const struct plan_column *c = plan_row_get(row, "source_ips");

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        if (is_ipv6(json_string(c->datum.keys[i].s)) == is_ipv6(ip)) {
            return true;
        }
    }
    return false;
}

/* True if 'ip' left by the node of 'row' without a source, or would have,
 * before it was steered: its own node let it out, and has it still. */
static bool
never_had_source(const struct world *w, const struct plan_row *row,
                 const char *ip)
{
    const struct plan_row *was = plan_rows_find(&w->work_rows, row->table,
                                                row->key);

    return was && plan_row_has(was, "endpoints", ip) && !has_source(was, ip);
}

/* The host 'row' of a service has a source for each endpoint that it has, and
 * where its gateway router gives it, that does. */
static void
check_sources(const struct world *w, const struct plan *plan,
              const struct plan_row *row)
{
    bool shared = !strcmp(smap_get_def(&w->options, "gateway-mode", ""),
                          "shared");
    const struct plan_column *endpoints = plan_row_get(row, "endpoints");
    const struct plan_nb_node *node
        = shash_find_data(&w->nb.nodes, plan_row_string(row, "node", ""));

    for (unsigned int i = 0; i < endpoints->datum.n; i++) {
        const char *ip = json_string(endpoints->datum.keys[i].s);
        bool leaves = has_source(row, ip);

        MUST(leaves || never_had_source(w, row, ip), "%s %s", row->key, ip);
        MUST(!shared || !leaves || !node || !node->local
             || has_nat(plan, node->gateway_router, ip), "%s %s", row->key,
             ip);
    }
}

/* No gap. */

/* True if the service of 'row' is to have 'ip' and to be served, by a host:
 * without one its rows do not say who announces it. */
static bool
is_wanted(const struct plan *plan, const struct plan_row *row, const char *ip)
{
    const char *host = find_host(plan, row);

    for (size_t i = 0; i < plan->work.n && *host; i++) {
        const struct plan_row *now = plan->work.rows[i];

        if ((is_in_state(now, "active") || is_in_state(now, "standby"))
            && !strcmp(plan_row_string(now, "service", ""),
                       plan_row_string(row, "service", ""))
            && !strcmp(host, plan_row_string(now, "node", ""))
            && plan_row_has(now, "ingress_ips", ip)) {
            return true;
        }
    }
    return false;
}

static bool
is_announced(const struct world *w, const struct plan *plan, const char *ip)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];

        if (is_in_state(row, "active")
            && plan_must_live(w, plan_row_string(row, "node", ""))
            && plan_row_has(row, "ingress_ips", ip)) {
            return true;
        }
    }
    return false;
}

/* An address that was announced by a node that is alive still is, by one that
 * is, if its service is to be served. */
static void
check_no_gap(const struct world *w, const struct plan *plan)
{
    for (size_t i = 0; i < w->work_rows.n; i++) {
        const struct plan_row *row = w->work_rows.rows[i];
        const struct plan_column *c = plan_row_get(row, "ingress_ips");

        for (unsigned int j = 0; c && j < c->datum.n; j++) {
            const char *ip = json_string(c->datum.keys[j].s);

            MUST(!is_in_state(row, "active")
                 || !plan_must_live(w, plan_row_string(row, "node", ""))
                 || !is_wanted(plan, row, ip) || is_announced(w, plan, ip),
                 "%s %s", row->key, ip);
        }
    }
}

void
plan_announced_check(const struct world *w, const struct plan *plan)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];

        if (is_in_state(row, "active")) {
            check_distinct(w, plan, row);
        }
        if (is_of_host(plan, row)) {
            if (is_in_state(row, "active")) {
                check_newest(w, plan, row);
            }
            if (is_in_state(row, "active") || is_in_state(row, "standby")) {
                check_sources(w, plan, row);
            }
        }
    }
    check_no_gap(w, plan);
}

/* At rest. */

/* Returns the row that routers prefer for 'ip', or NULL. */
static const struct plan_row *
find_best(const struct plan *plan, const char *ip)
{
    const struct plan_row *best = NULL;

    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];

        if (is_in_state(row, "active") && is_of_role(row, "host")
            && plan_row_has(row, "ingress_ips", ip)
            && (!best || (plan_row_integer(row, "epoch", 0)
                          > plan_row_integer(best, "epoch", 0)))) {
            best = row;
        }
    }
    return best;
}

/* What is steered to the node of 'row' leaves with its addresses: so that is
 * where they come in. */
static void
check_best(const struct world *w, const struct plan *plan,
           const struct plan_row *row)
{
    const struct plan_column *endpoints = plan_row_get(row, "endpoints");
    const struct plan_column *ingress = plan_row_get(row, "ingress_ips");
    bool steered = false;

    for (unsigned int i = 0; i < endpoints->datum.n; i++) {
        const char *node = shash_find_data(
            &w->prior.steered, json_string(endpoints->datum.keys[i].s));

        steered |= node && !strcmp(node, plan_row_string(row, "node", ""));
    }
    for (unsigned int i = 0; i < ingress->datum.n && steered; i++) {
        const char *ip = json_string(ingress->datum.keys[i].s);
        const struct plan_row *best = find_best(plan, ip);

        MUST(best && !strcmp(plan_row_string(best, "node", ""),
                             plan_row_string(row, "node", "")),
             "%s %s %s", row->key, ip, best ? best->key : "nobody");
    }
}

void
plan_announced_check_rest(const struct world *w, const struct plan *plan)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];

        if (is_of_host(plan, row)) {
            check_best(w, plan, row);
        }
    }
}
