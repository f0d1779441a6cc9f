/* SPDX-License-Identifier: Apache-2.0 */

/* Traces: the order of the steps, and the verdict.  See trace.h for what it is
 * for and trace-build.h for the steps. */

#include <config.h>

#include "plan/trace/trace.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "plan/rows/policy-source.h"
#include "plan/trace/trace-build.h"
#include "util.h"

/* Lines. */

static void OVS_PRINTF_FORMAT(3, 0)
add_line(struct tracing *tc, enum trace_level level, const char *format,
         va_list args)
{
    struct trace *t = tc->t;

    if (t->n >= t->allocated) {
        t->lines = x2nrealloc(t->lines, &t->allocated, sizeof *t->lines);
    }

    char *text = xvasprintf(format, args);
    t->lines[t->n++] = (struct trace_line) {
        tc->section, level, intent_clean(text, INTENT_MAX_MESSAGE)
    };
    free(text);
}

void
trace_ok(struct tracing *tc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_line(tc, TRACE_OK, format, args);
    va_end(args);
}

void
trace_note(struct tracing *tc, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_line(tc, TRACE_NOTE, format, args);
    va_end(args);
}

void
trace_bad(struct tracing *tc, const char *reason, const char *format, ...)
{
    struct trace *t = tc->t;
    va_list args;

    va_start(args, format);
    add_line(tc, TRACE_BAD, format, args);
    va_end(args);
    if (t->promised) {
        t->promised = false;
        t->reason = reason;
        free(t->because);
        t->because = xstrdup(t->lines[t->n - 1].text);
    }
}

/* What the plan says. */

static const struct plan_status *
find_status(const struct tracing *tc, const struct view_service *s)
{
    return (s && s->es ? shash_find_data(&tc->tr->in->plan->status,
                                         intent_object_id(s->es)) : NULL);
}

const struct plan_condition *
trace_condition(const struct tracing *tc, const struct view_service *s,
                const char *type)
{
    const struct plan_status *st = find_status(tc, s);

    for (size_t i = 0; st && i < st->n_conditions; i++) {
        if (!strcmp(st->conditions[i].type, type)) {
            return &st->conditions[i];
        }
    }
    return NULL;
}

const char *
trace_fact(const struct tracing *tc, const struct view_service *s,
           const char *key)
{
    const struct plan_status *st = find_status(tc, s);

    return st ? smap_get_def(&st->status, key, "") : "";
}

/* The tracer. */

static int
compare_policies(const void *a_, const void *b_)
{
    const struct trace_policy *a = a_;
    const struct trace_policy *b = b_;

    return (a->priority != b->priority
            ? (a->priority < b->priority ? 1 : -1)
            : strcmp(a->match, b->match));
}

/* Notes in which row the plan has each address that it steers or drops. */
static void
read_planned(struct tracer *tr)
{
    const struct plan_rows *rows = &tr->in->plan->nb;

    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *row = rows->rows[i];
        const struct plan_column *c = plan_row_get(row, "addresses");
        const char *match = plan_row_string(row, "match", "");
        struct in6_addr ip;
        char buf[IP_STRLEN];
        bool steers = (*plan_row_id(row, "node", "")
                       || !strncmp(row->key, "egress_unhosted_", 16));

        if (!strcmp(row->table, "Address_Set") && steers) {
            for (size_t j = 0; j < c->datum.n; j++) {
                smap_replace(&tr->planned, json_string(c->datum.keys[j].s),
                             row->key);
            }
        } else if (!strcmp(row->table, "Logical_Router_Policy")
                   && policy_source_parse(match, &ip)) {
            smap_replace(&tr->planned, ip_format(&ip, buf), row->key);
        }
    }
}

struct tracer *
trace_open(const struct trace_input *in)
{
    struct tracer *tr = xzalloc(sizeof *tr);
    size_t size = in->n_policies * sizeof *in->policies;

    tr->in = in;
    smap_init(&tr->planned);
    read_planned(tr);
    tr->policies = xmalloc(size);
    if (size) {
        memcpy(tr->policies, in->policies, size);
        qsort(tr->policies, in->n_policies, sizeof *tr->policies,
              compare_policies);
    }
    tr->objects = *in->in;
    tr->objects.scheduler = tr->objects.zone = false;
    view_init(&tr->v, &tr->objects);
    pools_run(&tr->v);
    view_read_services(&tr->v, NULL);
    view_read_endpoints(&tr->v);
    return tr;
}

void
trace_close(struct tracer *tr)
{
    if (tr) {
        view_destroy(&tr->v);
        smap_destroy(&tr->planned);
        free(tr->policies);
        free(tr);
    }
}

bool
trace_endpoints(const struct tracer *tr, const char *namespace,
                const char *name, struct svec *ips)
{
    const struct view *v = &tr->v;

    for (size_t i = 0; i < v->kinds[INTENT_ENDPOINT_SLICE].n; i++) {
        const struct intent_object *obj
            = v->kinds[INTENT_ENDPOINT_SLICE].objs[i];
        const struct intent_endpoint_slice *slice = &obj->endpoint_slice;

        if (slice->fqdn || strcmp(obj->namespace, namespace)
            || strcmp(slice->service, name)) {
            continue;
        }
        for (size_t j = 0; j < slice->n_endpoints; j++) {
            const struct intent_ips *in = &slice->endpoints[j].addresses;
            for (size_t k = 0; k < in->n; k++) {
                char buf[IP_STRLEN];
                svec_add(ips, ip_format(&in->items[k], buf));
            }
        }
    }
    svec_sort_unique(ips);
    return (view_find_object(v, INTENT_SERVICE, namespace, name)
            || view_find_object(v, INTENT_EGRESS_SERVICE, namespace, name));
}

/* The verdict. */

static void
describe_own(const struct tracing *tc, struct ds *s)
{
    const struct trace *t = tc->t;

    ds_put_format(s, "leaves from its own node%s%s", *t->node ? " " : "",
                  t->node);
    if (tc->work && *t->network) {
        ds_put_format(s, " through table %s", t->network);
    }
    ds_put_format(s, " with %s", tc->work && *t->network
                  ? "an address of that network" : "the node's address");
}

static void
describe_way(const struct tracing *tc, struct ds *s)
{
    const struct trace *t = tc->t;

    switch (tc->way) {
    case WAY_OWN:
        describe_own(tc, s);
        break;
    case WAY_NODE:
        ds_put_format(s, "%s %s", t->promised ? "leaves from" : "is sent to",
                      t->node);
        if (!t->promised && (*t->network || *t->source)) {
            ds_put_cstr(s, ", to leave");
        }
        if (*t->network) {
            ds_put_format(s, " through table %s", t->network);
        }
        if (*t->source) {
            ds_put_format(s, " as %s", t->source);
        }
        break;
    case WAY_ELSEWHERE:
        ds_put_cstr(s, "is rerouted to what is no node of ours");
        break;
    case WAY_INSIDE:
        ds_put_cstr(s, "stays within the cluster");
        break;
    case WAY_DROP:
        ds_put_cstr(s, "is dropped in the cluster router");
        break;
    default:
        OVS_NOT_REACHED();
    }
}

static void
conclude(struct tracing *tc)
{
    struct trace *t = tc->t;
    struct ds s = DS_EMPTY_INITIALIZER;

    describe_way(tc, &s);
    if (!t->promised) {
        ds_put_format(&s, ", %s %s", (tc->way == WAY_OWN || tc->way == WAY_DROP
                                      ? "because" : "but"), t->because);
    }
    t->service = xstrdup(tc->s ? tc->s->key : "");
    t->verdict = ds_steal_cstr(&s);
}

/* The packet itself. */
static void
tell_packet(struct tracing *tc)
{
    char dst[IP_STRLEN];

    tc->section = "Packet";
    trace_ok(tc, "from %s%s%s to %s", tc->src,
             tc->pod_node ? " on " : "",
             tc->pod_node ? tc->pod_node->name : "",
             ip_is_set(&tc->q->dst) ? ip_format(&tc->q->dst, dst)
             : "any address outside of the cluster");
}

void
trace_run(const struct tracer *tr, const struct trace_query *q,
          struct trace *t)
{
    struct tracing tc = {
        .tr = tr, .v = &tr->v, .q = q, .t = t,
        .family = ip_family(&q->src), .way = WAY_OWN,
    };

    *t = (struct trace) {
        .promised = true, .reason = "AsPromised", .because = xstrdup(""),
        .node = xstrdup(""), .network = xstrdup(""), .source = xstrdup(""),
    };
    ip_format(&q->src, tc.src);
    const struct view_endpoint *e = view_find_claim(&tr->v, &q->src);
    tc.pod_node = e ? e->node : view_locate(&tr->v, &q->src);
    tell_packet(&tc);
    trace_claim(&tc);
    trace_router(&tc);
    trace_sets(&tc);
    trace_node(&tc);
    trace_announcement(&tc);
    trace_reply(&tc);
    conclude(&tc);
    free(tc.unless);
}

void
trace_destroy(struct trace *t)
{
    if (t) {
        for (size_t i = 0; i < t->n; i++) {
            free(t->lines[i].text);
        }
        free(t->lines);
        free(t->because);
        free(t->verdict);
        free(t->service);
        free(t->node);
        free(t->network);
        free(t->source);
    }
}
