/* SPDX-License-Identifier: Apache-2.0 */

/* Work: the rows of OVN_Egress that tell each node what to do.
 *
 * Writes the Node and Node_Service rows of what schedule.c decided; rollout.c
 * writes those of Node_Policy.  Called by plan.c. */

#include <config.h>

#include "plan/emit/emit.h"

#include <stdlib.h>
#include <string.h>

#include "util.h"

static const char *
state_name(enum view_state state)
{
    return (state == WORK_ACTIVE ? "active"
            : state == WORK_DRAINING ? "draining"
            : state == WORK_REMOVING ? "removing" : "standby");
}

/* Sets 'column' of 'row' to the texts of the 'n' addresses. */
static void
set_ips(struct plan_row *row, const char *column, const struct in6_addr *ips,
        size_t n)
{
    struct svec texts = SVEC_EMPTY_INITIALIZER;

    for (size_t i = 0; i < n; i++) {
        if (ip_is_set(&ips[i])) {
            char buf[IP_STRLEN];
            svec_add(&texts, ip_format(&ips[i], buf));
        }
    }
    plan_row_set_strings(row, column, &texts);
    svec_destroy(&texts);
}

/* The node ports to which traffic comes from outside with the address of the
 * host still to be found: those of externalTrafficPolicy Local. */
static void
set_node_ports(struct plan_row *row, const struct intent_service *svc)
{
    int64_t *ports = xmalloc(svc->n_ports * sizeof *ports);
    size_t n = 0;

    for (size_t i = 0; i < svc->n_ports && svc->etp_local; i++) {
        if (svc->ports[i].node_port) {
            ports[n++] = svc->ports[i].node_port;
        }
    }
    plan_row_set_integers(row, "node_ports", ports, n);
    free(ports);
}

/* Sets the endpoints: those that the service wants there, and those that it
 * does not want any more but OVN may still send there. */
static void
set_endpoints(const struct view *v, struct plan_row *row,
              const struct view_work *w)
{
    const struct view_service *s = w->service;
    struct svec texts = SVEC_EMPTY_INITIALIZER;

    if (s->choice->is_all) {
        svec_clone(&texts, &w->next->locals);
    } else {
        for (size_t i = 0; i < s->n_endpoints; i++) {
            if (!s->endpoints[i].foreign) {
                svec_add(&texts, s->endpoints[i].text);
            }
        }
    }
    for (size_t i = 0; i < w->strays.n; i++) {
        if (steer_stray_stays(v, w, w->strays.names[i])) {
            svec_add(&texts, w->strays.names[i]);
        }
    }
    plan_row_set_strings(row, "endpoints", &texts);
    svec_destroy(&texts);
}

/* Returns the source of 'family' that the row of 'w' had before, if endpoints
 * of it stay that the service does not want any more, or "::". */
static struct in6_addr
former_source(const struct view *v, const struct view_work *w,
              enum ip_family family)
{
    const struct plan_column *c
        = (w->prior && w->prior->row
           ? plan_row_get(w->prior->row, "source_ips") : NULL);
    bool any = false;
    struct in6_addr ip;

    for (size_t i = 0; i < w->strays.n && !any; i++) {
        any = (ip_addr_parse(w->strays.names[i], &ip)
               && ip_family(&ip) == family
               && steer_stray_stays(v, w, w->strays.names[i]));
    }
    for (unsigned int i = 0; c && i < c->datum.n && any; i++) {
        if (ip_addr_parse(json_string(c->datum.keys[i].s), &ip)
            && ip_family(&ip) == family) {
            return ip;
        }
    }
    return in6addr_any;
}

/* Sets the sources.  One of a family that the service has lost stays as long
 * as endpoints do, which would leave as themselves. */
static void
set_sources(const struct view *v, struct plan_row *row,
            const struct view_work *w)
{
    const struct view_service *s = w->service;
    struct in6_addr sources[IP_N_FAMILIES];

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        sources[f] = (ip_is_set(&s->sources[f]) ? s->sources[f]
                      : former_source(v, w, f));
    }
    set_ips(row, "source_ips", sources, s->choice->is_all ? 0 : IP_N_FAMILIES);
}

/* Sets the columns of a node that serves or gets ready to. */
static void
set_live(const struct view *v, struct plan_row *row,
         const struct view_work *w)
{
    const struct view_service *s = w->service;
    const struct intent_service *svc = &s->svc->service;

    plan_row_set_string(row, "role", s->choice->is_all ? "local" : "host");
    plan_row_set_string(row, "network", s->es->egress_service.network);
    set_sources(v, row, w);
    set_ips(row, "ingress_ips", s->ingress, s->n_ingress);
    set_ips(row, "cluster_ips", svc->cluster_ips.items, svc->cluster_ips.n);
    set_node_ports(row, svc);
    set_endpoints(v, row, w);
}

/* Sets "ingress_ips" to those of the row before, but for what the node
 * announces for another service: that one is told to the peers however long it
 * takes this one to leave. */
static void
set_ingress_as_before(const struct view *v, struct plan_row *row,
                      const struct view_work *w)
{
    const struct plan_column *c = share_get_row_ingress(w);
    struct svec texts = SVEC_EMPTY_INITIALIZER;

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        const char *text = json_string(c->datum.keys[i].s);
        struct in6_addr ip;

        if (w->next->frozen || !ip_addr_parse(text, &ip)
            || !share_is_announced_for_other(v, w, &ip)) {
            svec_add(&texts, text);
        }
    }
    if (c) {
        plan_row_set_strings(row, "ingress_ips", &texts);
    }
    svec_destroy(&texts);
}

/* Sets the columns of a node that cleans up: what it has now, but for the
 * endpoints that another service takes over on the same node. */
static void
set_as_before(const struct view *v, struct plan_row *row,
             const struct view_work *w)
{
    static const char *const kept[] = {
        "role", "network", "source_ips", "cluster_ips", "node_ports"
    };
    struct svec texts = SVEC_EMPTY_INITIALIZER;
    const char *text;

    for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
        const struct plan_column *c
            = w->prior->row ? plan_row_get(w->prior->row, kept[i]) : NULL;
        if (c) {
            struct ovsdb_datum datum;
            ovsdb_datum_clone(&datum, &c->datum);
            plan_row_take_datum(row, kept[i], &c->type, &datum);
            ovsdb_datum_destroy(&datum, &c->type);
        }
    }
    set_ingress_as_before(v, row, w);
    SSET_FOR_EACH (text, &w->prior->endpoints) {
        if (steer_stray_stays(v, w, text)) {
            svec_add(&texts, text);
        }
    }
    plan_row_set_strings(row, "endpoints", &texts);
    svec_destroy(&texts);
}

static void
write_work(const struct view *v, const struct view_work *w)
{
    const struct view_service *s = w->service;
    struct ledger_part *part = ledger_part(v->ledger, w);
    char *key = xasprintf("%s %s", w->node->name, s->key);
    struct plan_row *row = plan_rows_add(&v->plan->work, "Node_Service", key);

    plan_row_set_string(row, "node", w->node->name);
    plan_row_set_string(row, "service", s->key);
    plan_row_set_string(row, "state", state_name(w->next->state));
    plan_row_set_integer(row, "epoch", w->next->rank.epoch);
    if (schedule_is_live(w) && !w->next->frozen) {
        set_live(v, row, w);
    } else {
        set_as_before(v, row, w);
    }

    /* What the node has may differ by endpoints alone: status-service.c. */
    char *revision = plan_row_revision_of_two(row, "endpoints", "");
    plan_row_set_string(row, "revision", revision);
    if (w->next->rank.prepends || w->prepends_before) {
        /* It asks nothing of the node that its peers' rows do not. */
        plan_row_set_integer(row, "prepends", w->next->rank.prepends);
    }
    part->changed = !w->prior || strcmp(w->prior->revision, revision);
    part->nearly_acked = (w->prior && !*w->prior->error
                          && plan_revision_equals_first(w->prior->acked,
                                                        revision));
    free(revision);
    if (s->es) {
        plan_row_add_origin(row, intent_object_id(s->es));
    }
    free(key);
}

/* Writes the rows of Node. */
void
work_write_nodes(const struct view *v)
{
    for (size_t i = 0; i < v->n_nodes; i++) {
        const struct view_node *node = v->node_array[i];
        struct plan_row *row
            = plan_rows_add(&v->plan->work, "Node", node->name);

        plan_row_set_string(row, "name", node->name);
        plan_row_add_origin(row, intent_object_id(node->obj));
    }
}

/* Writes the rows of Node_Service of the services that are planned. */
void
work_write(const struct view *v)
{
    const struct view_service *s;

    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        for (size_t i = 0; i < s->n_works; i++) {
            if (s->works[i]->next->state != WORK_NONE) {
                write_work(v, s->works[i]);
            }
        }
        ledger_own_rows(v, s->key);
    }
}
