/* SPDX-License-Identifier: Apache-2.0 */

/* Status: what is said of each object, as facts and conditions.  Those of an
 * EgressService are in status-service.c, those of a policy in rollout.c, those
 * of a pool in pool-match.c.  Called by plan.c when all is decided. */

#include <config.h>

#include "plan/emit/status.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/announce.h"
#include "plan/emit/emit.h"
#include "plan/world/view.h"
#include "util.h"

static struct plan_status *
add_status(const struct view *v, const char *id, enum intent_kind kind,
           const char *namespace, const char *name)
{
    struct plan_status *st = xzalloc(sizeof *st);

    st->id = xstrdup(id);
    st->kind = kind;
    st->namespace = xstrdup(namespace);
    st->name = xstrdup(name);
    smap_init(&st->status);
    shash_add(&v->plan->status, id, st);
    return st;
}

void
status_destroy(struct plan_status *st)
{
    if (st) {
        free(st->id);
        free(st->namespace);
        free(st->name);
        smap_destroy(&st->status);
        for (size_t i = 0; i < st->n_conditions; i++) {
            free(st->conditions[i].message);
        }
        free(st->conditions);
        free(st);
    }
}

struct plan_status *
status_get(const struct view *v, const struct intent_object *obj)
{
    const char *id = intent_object_id(obj);
    struct plan_status *st = shash_find_data(&v->plan->status, id);

    return st ? st : add_status(v, id, obj->kind, obj->namespace, obj->name);
}

void
status_set(struct plan_status *st, const char *key, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *value = xvasprintf(format, args);
    va_end(args);
    smap_replace_nocopy(&st->status, key, intent_clean(value, SIZE_MAX));
    free(value);
}

void
status_condition(struct plan_status *st, const char *type,
                 const char *status, const char *reason,
                 const char *format, ...)
{
    va_list args;
    size_t i = 0;

    while (i < st->n_conditions && strcmp(st->conditions[i].type, type) < 0) {
        i++;
    }
    st->conditions = xrealloc(st->conditions, (st->n_conditions + 1)
                              * sizeof *st->conditions);
    memmove(&st->conditions[i + 1], &st->conditions[i],
            (st->n_conditions - i) * sizeof *st->conditions);
    st->n_conditions++;

    /* Nodes and manifests may have their say in it. */
    va_start(args, format);
    char *message = xvasprintf(format, args);
    va_end(args);
    st->conditions[i] = (struct plan_condition) {
        type, status, reason, intent_clean(message, INTENT_MAX_MESSAGE)
    };
    free(message);
}

/* Says where the annotations of 'node' and OVN_Northbound disagree. */
static void
write_topology(const struct view *v, const struct view_node *node,
               struct plan_status *st)
{
    const char *sw = node->no_switch;
    const char *lr = node->no_router;
    struct ds s = DS_EMPTY_INITIALIZER;

    view_compare_node(v, node, &s);
    if (*sw || *lr) {
        status_condition(st, "TopologyConflict", "True", "NamesNothing",
                         "its annotations, which count, name what is not in "
                         "OVN_Northbound: %s%s%s%s%s%s%s",
                         *sw ? "logical switch " : "", sw,
                         *sw && *lr ? ", " : "",
                         *lr ? "gateway router " : "", lr,
                         s.length ? "; they differ: " : "", ds_cstr(&s));
    } else if (s.length) {
        status_condition(st, "TopologyConflict", "True", "AnnotationDiffers",
                         "its annotations, which count but for the "
                         "zone, differ from OVN_Northbound: %s", ds_cstr(&s));
    }
    ds_destroy(&s);
}

static void
write_node(const struct view *v, const struct ledger_node *decided)
{
    const struct view_node *node = decided->node;
    struct plan_status *st = status_get(v, node->obj);
    const char *key;

    SSET_FOR_EACH (key, &decided->labels) {
        char *name = xasprintf("label:%s", key);
        smap_add(&st->status, name, "");
        free(name);
    }
    if (node->unfit) {
        status_condition(st, "Eligible", "False", "Unfit", "%s", node->unfit);
    } else if (node->obj->node.unschedulable) {
        status_condition(st, "Eligible", "False", "Cordoned",
                         "cordoned: keeps its services, gets no new ones");
    } else if (node->no_way[IP_V4] && node->no_way[IP_V6]) {
        status_condition(st, "Eligible", "False", "Unreachable",
                         "%s", node->no_way[IP_V4]);
    } else {
        status_condition(st, "Eligible", "True", "Eligible", "%s", "");
    }
    if (node->helper && node->helper->excess) {
        status_condition(st, "Bounded", "False", "TooMuch", "its helper, or "
                         "who has its certificate, wrote more into \"%s\" of "
                         "its row than is taken", node->helper->excess);
    }

    if (node->helper && node->helper->kept && *node->helper->kept) {
        status_condition(st, "Kept", "True", "RolledBack", "%s",
                         node->helper->kept);
    }
    write_topology(v, node, st);
}

/* Says of Service 'key' what pools.c found. */
static void
write_ingress(const struct view *v, const char *key,
              const struct view_ingress *in)
{
    struct plan_status *st = status_get(
        v, view_find_object_by_key(v, INTENT_SERVICE, key));
    struct ds ips = DS_EMPTY_INITIALIZER;

    for (int f = 0; f < IP_N_FAMILIES; f++) {
        if (ip_is_set(&in->ips[f])) {
            char buf[IP_STRLEN];
            ds_put_format(&ips, "%s%s", ips.length ? "," : "",
                          ip_format(&in->ips[f], buf));
        }
    }
    status_set(st, "ingress", "%s", ds_cstr(&ips));
    status_set(st, "pool", "%s", in->pool);
    if (ips.length) {
        status_condition(st, "IngressAllocated", "True", "Allocated",
                         "%s from IPAddressPool %s", ds_cstr(&ips), in->pool);
    } else {
        status_condition(st, "IngressAllocated", "False", in->failure.reason,
                         "%s", in->failure.message);
    }
    ds_destroy(&ips);
}

static void
write_all_ingress(const struct view *v)
{
    struct shash_node *sn;
    const char *key;

    if (v->keys) {
        SSET_FOR_EACH (key, v->keys) {
            const struct view_ingress *in = shash_find_data(&v->ingress, key);
            if (in) {
                write_ingress(v, key, in);
            }
        }
    } else {
        SHASH_FOR_EACH (sn, &v->ingress) {
            write_ingress(v, sn->name, sn->data);
        }
    }
}

/* True if the status of the object is written in this run: that of a service
 * is if the service is planned. */
static bool
is_written(const struct view *v, enum intent_kind kind, const char *namespace,
           const char *name)
{
    return (!v->keys
            || ((kind == INTENT_EGRESS_SERVICE || kind == INTENT_SERVICE)
                && view_is_planned(v, namespace, name)));
}

/* Returns the status of the object with 'id', "KIND NAMESPACE/NAME" or "KIND
 * NAME", which is made if there is none, or NULL if 'id' is no such thing or
 * not written in this run.  Sets '*exists' to whether a good version of the
 * object is there. */
static struct plan_status *
status_get_by_id(const struct view *v, const char *id, bool *exists)
{
    struct plan_status *st = shash_find_data(&v->plan->status, id);
    char *copy = xstrdup(id);
    char *name = strchr(copy, ' ');
    enum intent_kind kind;

    *exists = false;
    if (name) {
        *name++ = '\0';
        if (intent_kind_from_string(copy, &kind)) {
            char *slash = strchr(name, '/');
            const char *namespace = slash ? name : "";

            if (slash) {
                *slash = '\0';
                name = slash + 1;
            }
            *exists = view_find_object(v, kind, namespace, name) != NULL;
            if (!st && is_written(v, kind, namespace, name)) {
                st = add_status(v, id, kind, namespace, name);
            }
        }
    }
    free(copy);
    return st;
}

/* Says of each refused object why, and whether an older version is in
 * force. */
static void
write_refused(const struct view *v)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, v->in->refused) {
        bool in_force;
        struct plan_status *st = status_get_by_id(v, node->key, &in_force);

        if (st && st->kind != INTENT_EGRESS_SERVICE) {
            status_condition(st, "Accepted", "False", "InvalidManifest",
                             "%s%s", node->value, in_force
                             ? "; the last good version stays in force" : "");
        } else if (st && !in_force) {
            status_set(st, "host", "%s", "");
            status_condition(st, "Accepted", "False", "InvalidManifest",
                             "%s", node->value);
            status_condition(st, "Ready", "False", "InvalidManifest",
                             "%s", node->value);
        }
    }
}

/* Turns the problems of plan_check() into a condition of each object. */
static void
write_checks(const struct view *v, const struct intent_problems *problems)
{
    for (size_t i = 0; i < problems->n; ) {
        const char *id = problems->items[i].object;
        bool exists;
        struct plan_status *st = status_get_by_id(v, id, &exists);
        struct ds s = DS_EMPTY_INITIALIZER;
        size_t n = 0;

        for (; i < problems->n && !strcmp(problems->items[i].object, id);
             i++) {
            const struct intent_problem *p = &problems->items[i];
            ds_put_format(&s, "%s%s%s%s", n++ ? "; " : "", p->field,
                          *p->field ? ": " : "", p->message);
        }
        if (st) {
            status_condition(st, "Warning", "True", "CheckFailed", "%s",
                             ds_cstr(&s));
        }
        ds_destroy(&s);
    }
}

/* Writes the status of all objects of which there is something to say: those
 * of the services that are planned, of the nodes that these touch, and, if all
 * are planned, of the rest. */
void
status_write(const struct view *v, const struct intent_problems *problems)
{
    struct hmapx_node *hn;

    for (size_t i = 0; i < v->n_services; i++) {
        status_write_service(v, v->service_array[i]);
    }
    HMAPX_FOR_EACH (hn, &v->ledger->touched) {
        const struct ledger_node *node = hn->data;

        if (node->node->obj) {
            write_node(v, node);
        }
    }
    write_all_ingress(v);
    announce_put_status(v);
    if (v->in->refused) {
        write_refused(v);
    }
    write_checks(v, problems);
}
