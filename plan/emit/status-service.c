/* SPDX-License-Identifier: Apache-2.0 */

/* The status of an EgressService: the stages that it passes, in order, each a
 * condition, and Ready, which is the first that fails.  Called by status.c. */

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

/* Where the stages have come to. */
struct progress {
    struct plan_status *st;
    const char *failed;         /* Reason of the first that failed, or of
                                 * which it is not known, or NULL. */
    const char *status;         /* "False" or "Unknown"; static. */
    char *message;              /* Its message. */
};

/* Records that stage 'type' has come to 'status': passed if that is "True".
 * Stages behind one that is not are not known. */
static void OVS_PRINTF_FORMAT(5, 0)
stage_valist(struct progress *p, const char *type, const char *status,
             const char *reason, const char *format, va_list args)
{
    if (p->failed) {
        status_condition(p->st, type, "Unknown", "Pending", "%s", "");
        return;
    }

    char *message = xvasprintf(format, args);
    status_condition(p->st, type, status, reason, "%s", message);
    if (strcmp(status, "True")) {
        p->failed = reason;
        p->status = status;
        p->message = message;
    } else {
        free(message);
    }
}

/* Records that stage 'type' is passed, or why not. */
static void OVS_PRINTF_FORMAT(5, 6)
stage(struct progress *p, const char *type, bool passed, const char *reason,
      const char *format, ...)
{
    va_list args;

    va_start(args, format);
    stage_valist(p, type, passed ? "True" : "False", reason, format, args);
    va_end(args);
}

/* Records that nobody says whether stage 'type' is passed. */
static void OVS_PRINTF_FORMAT(4, 5)
stage_unknown(struct progress *p, const char *type, const char *reason,
              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    stage_valist(p, type, "Unknown", reason, format, args);
    va_end(args);
}

static void
format_ips(const struct in6_addr *ips, size_t n, struct ds *s)
{
    for (size_t i = 0; i < n; i++) {
        if (ip_is_set(&ips[i])) {
            char buf[IP_STRLEN];
            ds_put_format(s, "%s%s", s->length ? "," : "",
                          ip_format(&ips[i], buf));
        }
    }
}

static void
stage_accepted(const struct view *v, const struct view_service *s,
               struct progress *p)
{
    const char *message = (v->in->refused
                           ? smap_get(v->in->refused,
                                      intent_object_id(s->es)) : NULL);

    if (message) {
        stage(p, "Accepted", false, "InvalidManifest",
              "%s; the last good version stays in force", message);
    } else if (s->refused.reason) {
        stage(p, "Accepted", false, s->refused.reason, "%s",
              s->refused.message);
    } else {
        stage(p, "Accepted", true, "Accepted", "%s", "");
    }
}

static void
stage_ingress(const struct view *v, const struct view_service *s,
              struct progress *p)
{
    const struct view_ingress *in = shash_find_data(&v->ingress, s->key);
    bool by_name = s->svc && s->svc->service.has_ingress_hostname;

    if (s->n_ingress) {
        struct ds ips = DS_EMPTY_INITIALIZER;
        size_t n_sources = 0;

        for (int f = 0; f < IP_N_FAMILIES; f++) {
            n_sources += ip_is_set(&s->sources[f]);
        }
        format_ips(s->ingress, s->n_ingress, &ips);
        stage(p, "IngressAllocated", true, "Allocated", "%s%s", ds_cstr(&ips),
              s->n_ingress > n_sources && !s->by_network
              ? "; only the first of each family is used as source" : "");
        ds_destroy(&ips);
    } else if (by_name && s->by_network) {
        stage(p, "IngressAllocated", true, "Hostname", "%s", "");
    } else if (by_name) {
        stage(p, "IngressAllocated", false, "HostnameOnly",
              "the Service's ingress is a host name, which cannot be a source "
              "address");
    } else if (in && in->failure.reason) {
        stage(p, "IngressAllocated", false, in->failure.reason, "%s",
              in->failure.message);
    } else {
        stage(p, "IngressAllocated", false, "NoIngress",
              "the Service has no ingress IP address yet");
    }
}

static void
stage_selected(const struct view_service *s, struct progress *p)
{
    const struct choice *c = s->choice;

    if (c->is_all && !c->no_host.reason) {
        stage(p, "HostSelected", true, "AllNodes",
              "each endpoint leaves through its own node");
    } else if (c->host) {
        const char *note = s->label->note;

        stage(p, "HostSelected", true, "Selected", "%s%s%s", c->host->name,
              note ? "; " : "", note ? note : "");
    } else {
        stage(p, "HostSelected", false,
              c->no_host.reason ? c->no_host.reason : "Pending", "%s",
              c->no_host.message ? c->no_host.message : "");
    }
}

/* True if the node of 'w' serves as it should, perhaps but for the newest
 * endpoints: those count as steered or not. */
static bool
is_programmed(const struct view *v, const struct view_work *w)
{
    const struct ledger_part *part = ledger_part(v->ledger, w);

    return (w->before == w->next->state && w->prior
            && (!v->options->wait_for_nodes
                || (w->before == WORK_ACTIVE ? part->nearly_acked
                    : w->acked && !part->changed)));
}

/* True if the node of 'w' is to serve. */
static bool
is_to_serve(const struct view_service *s, const struct view_work *w)
{
    return (s->choice->is_all ? schedule_is_live(w)
            : w->node == s->choice->host);
}

/* Passes the stage, unless what comes in to the Service meets no load balancer
 * on one of the nodes that serve it, 'n'. */
static void
stage_attached(const struct view *v, const struct view_service *s, size_t n,
               struct progress *p)
{
    char *why = NULL;

    for (size_t i = 0; i < s->n_works && !why; i++) {
        if (is_to_serve(s, s->works[i])) {
            why = ingress_find_unattached(v, s, s->works[i]->node);
        }
    }
    if (why) {
        stage(p, "HostProgrammed", false, "NoLoadBalancer", "%s, so no load "
              "balancer takes what comes in there", why);
    } else {
        stage(p, "HostProgrammed", true, "Programmed",
              "%"PRIuSIZE" of %"PRIuSIZE" nodes ready", n, n);
    }
    free(why);
}

/* The nodes that are to serve have acknowledged, and are there. */
static void
stage_programmed(const struct view *v, const struct view_service *s,
                 struct progress *p)
{
    size_t n = 0;
    size_t n_acked = 0;
    const struct view_work *late = NULL;
    const struct view_node *silent = NULL;

    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];
        if (is_to_serve(s, w)) {
            bool acked = is_programmed(v, w);
            n++;
            n_acked += acked;
            late = late || acked ? late : w;
            silent = silent || w->node->heard ? silent : w->node;
        }
    }
    if (!n) {
        stage(p, "HostProgrammed", false, "NoNode",
              "no endpoint is on a node that has a Node object");
    } else if (silent) {
        stage_unknown(p, "HostProgrammed", "NodeSilent",
                      "the helper of %s is not heard from%s", silent->name,
                      v->all_silent ? ", nor that of any other node: nothing "
                      "moves" : "");
    } else if (late && late->prior && *late->prior->error) {
        stage(p, "HostProgrammed", false, "NodeError", "%s: %s",
              late->node->name, late->prior->error);
    } else if (late) {
        stage(p, "HostProgrammed", false, "WaitingForNode",
              "%"PRIuSIZE" of %"PRIuSIZE" nodes ready, waiting for %s",
              n_acked, n, late->node->name);
    } else {
        stage_attached(v, s, n, p);
    }
}

/* Appends to 'ds' which endpoints are left out, and why. */
static void
describe_left_out(const struct view_service *s, struct ds *ds)
{
    static const struct {
        size_t offset;
        const char *what;
    } counts[] = {
        { offsetof(struct view_service, n_host_network),
          "on the hosts' network" },
        { offsetof(struct view_service, n_unlocated), "on no known node" },
        { offsetof(struct view_service, n_no_ingress[IP_V4]),
          "IPv4 without an IPv4 ingress IP address" },
        { offsetof(struct view_service, n_no_ingress[IP_V6]),
          "IPv6 without an IPv6 ingress IP address" },
        { offsetof(struct view_service, n_lost),
          "of another EgressService" },
        { offsetof(struct view_service, n_foreign),
          "steered by another owner's policies" },
    };
    bool first = true;

    for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
        const size_t *n = (const size_t *)
            (const void *) ((const char *) s + counts[i].offset);
        if (*n) {
            ds_put_format(ds, "%s%"PRIuSIZE" %s",
                          first ? "; left out: " : ", ", *n, counts[i].what);
            first = false;
        }
    }
}

/* True if OVN does with 'e' what NB says. */
static bool
is_applied(const struct view_endpoint *e)
{
    return !e->unconfirmed || e->unconfirmed->applied;
}

/* True if NB and OVN do with 'e' what the service wants in the end. */
static bool
has_arrived(const struct view_service *s, const struct view_endpoint *e)
{
    const struct view_node *host = s->choice->host;

    return (s->choice->is_all ? !e->steered && is_applied(e)
            : !host || e->foreign || !steer_in_scope(host, e)
              || (e->steered == host && is_applied(e)));
}

/* True if, when a former agent wrote the status, not all endpoints of 's' had
 * arrived, and OVN has not been asked since. */
static bool
was_moving(const struct view *v, const struct view_service *s)
{
    bool was = (v->prior->all_unconfirmed
                && *view_status_get(v, intent_object_id(s->es), "moving"));

    v->plan->waits_for_ovn |= was;
    return was;
}

/* True if not all endpoints of 's' are known to have arrived. */
static bool
is_moving(const struct view *v, const struct view_service *s)
{
    for (size_t i = 0; i < s->n_endpoints; i++) {
        if (!has_arrived(s, &s->endpoints[i])) {
            return true;
        }
    }
    return was_moving(v, s);
}

/* Says how many endpoints of our zone are steered to the host.  Without any
 * there is nothing to go by. */
static void
stage_host_steered(const struct view *v, const struct view_service *s,
                   const char *left_out, struct progress *p)
{
    size_t n = 0;
    size_t n_steered = 0;
    const char *late = NULL;
    const struct view_node *host = s->choice->host;

    for (size_t i = 0; i < s->n_endpoints && host; i++) {
        const struct view_endpoint *e = &s->endpoints[i];
        if (!e->foreign && steer_in_scope(host, e)) {
            bool steered = e->steered == host;

            n++;
            n_steered += steered && is_applied(e);
            if (steered && !is_applied(e) && !late) {
                late = e->unconfirmed->waiting_for;
            }
        }
    }
    if (!n && s->n_foreign == s->n_endpoints) {
        stage(p, "Steered", false, "ForeignPolicy",
              "no endpoint is left to steer%s", left_out);
    } else if (!n) {
        stage_unknown(p, "Steered", "OtherZones",
                      "host and endpoints are in other zones, and these do "
                      "not report what they steer%s", left_out);
    } else if (n_steered == n && was_moving(v, s)) {
        stage(p, "Steered", false, "WaitingForOVN", "%"PRIuSIZE" endpoints "
              "steered to the host, waiting for ovn-northd%s", n, left_out);
    } else {
        stage(p, "Steered", n_steered == n,
              n_steered == n ? "Steered" : late ? "WaitingForOVN" : "Moving",
              "%"PRIuSIZE" of %"PRIuSIZE" endpoints steered to the host"
              "%s%s%s", n_steered, n, late ? ", waiting for " : "",
              late ? late : "", left_out);
    }
}

/* Returns the former host of 's', whose row stays as long as OVN may send
 * something there, or NULL. */
static const struct view_node *
find_former_host(const struct view_service *s)
{
    for (size_t i = 0; i < s->n_works; i++) {
        if (s->works[i]->next->frozen) {
            return s->works[i]->node;
        }
    }
    return NULL;
}

/* Says how many endpoints leave through their own nodes, and are steered no
 * more. */
static void
stage_all_steered(const struct view *v, const struct view_service *s,
                  const char *left_out, struct progress *p)
{
    const struct view_node *former = find_former_host(s);
    const char *late = NULL;
    size_t n = 0;

    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct view_endpoint *e = &s->endpoints[i];

        n += has_arrived(s, e);
        if (!e->steered && !is_applied(e) && !late) {
            late = e->unconfirmed->waiting_for;
        }
    }
    if (n == s->n_endpoints && (former || was_moving(v, s))) {
        stage(p, "Steered", false, "WaitingForOVN",
              "each endpoint is to leave through its own node, but OVN may "
              "still send to %s%s", former ? former->name : "a former host",
              left_out);
    } else if (n == s->n_endpoints) {
        stage(p, "Steered", true, "NotNeeded",
              "each endpoint leaves through its own node%s", left_out);
    } else {
        stage(p, "Steered", false, late ? "WaitingForOVN" : "Moving",
              "%"PRIuSIZE" of %"PRIuSIZE" endpoints leave through their own "
              "nodes%s%s%s", n, s->n_endpoints, late ? ", waiting for " : "",
              late ? late : "", left_out);
    }
}

/* Returns how many endpoints the router of our zone drops, because it has no
 * route for them, and sets '*n_discarded' to for how many of these it has one
 * that discards. */
static size_t
count_without_route(const struct view *v, const struct view_service *s,
                    size_t *n_discarded)
{
    const struct view_node *host = s->choice->host;
    size_t n = 0;

    *n_discarded = 0;

    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct view_endpoint *e = &s->endpoints[i];

        if ((host ? steer_in_scope(host, e) : e->node->local)
            && !view_has_route(v, &e->ip)) {
            n++;
            *n_discarded += view_is_discarded(v, &e->ip);
        }
    }
    return n;
}

static void
stage_steered(const struct view *v, const struct view_service *s,
              struct progress *p)
{
    struct ds left_out = DS_EMPTY_INITIALIZER;
    size_t n_discarded;
    size_t n_without = count_without_route(v, s, &n_discarded);

    describe_left_out(s, &left_out);
    if (n_discarded) {
        stage(p, "Steered", false, "NoRoute", "Logical_Router %s has no route "
              "for %"PRIuSIZE" endpoints, for %"PRIuSIZE" of them because "
              "another owner's route with next hop \"discard\" is the longest "
              "one: OVN drops their packets before it looks at policies%s",
              v->options->router, n_without, n_discarded, ds_cstr(&left_out));
    } else if (n_without) {
        stage(p, "Steered", false, "NoRoute", "Logical_Router %s has no route "
              "for %"PRIuSIZE" endpoints, and none can be made: OVN drops "
              "their packets before it looks at policies%s",
              v->options->router, n_without, ds_cstr(&left_out));
    } else if (s->choice->is_all) {
        stage_all_steered(v, s, ds_cstr(&left_out), p);
    } else {
        stage_host_steered(v, s, ds_cstr(&left_out), p);
    }
    ds_destroy(&left_out);
}

static void
stage_announced(const struct view *v, const struct view_service *s,
                struct progress *p)
{
    struct ds message = DS_EMPTY_INITIALIZER;
    const char *reason = announce_describe(v, s->key, &message);

    if (reason && !strcmp(reason, ANNOUNCE_NOT_MANAGED)) {
        status_condition(p->st, "Announced", "Unknown", ANNOUNCE_NOT_MANAGED,
                         "%s", ds_cstr(&message));
    } else {
        stage(p, "Announced", !reason, reason ? reason : "Announced", "%s",
              ds_cstr(&message));
    }
    ds_destroy(&message);
}

static void
put_conflicted(const struct view_service *s, struct plan_status *st)
{
    if (s->shared->with || s->shared->yields_to) {
        status_condition(st, "Conflicted", "True", s->choice->no_host.reason,
                         "%s", s->choice->no_host.message);
    } else if (s->n_lost) {
        status_condition(st, "Conflicted", "True", "EndpointClaimed",
                         "%"PRIuSIZE" endpoints belong to EgressService %s "
                         "too, which is older", s->n_lost, s->lost_to->key);
    } else if (s->n_foreign) {
        status_condition(st, "Conflicted", "True", "ForeignPolicy",
                         "another owner's policies steer %"PRIuSIZE
                         " endpoints", s->n_foreign);
    } else {
        status_condition(st, "Conflicted", "False", "NoConflict", "%s", "");
    }
}

static void
put_facts(const struct view *v, const struct view_service *s,
          struct plan_status *st)
{
    const struct view_node *host = s->choice->host;
    struct ds sources = DS_EMPTY_INITIALIZER;

    status_set(st, "host", "%s", (s->choice->is_all ? VIEW_HOST_ALL
                                  : host ? host->name : ""));
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct view_node *node = s->endpoints[i].steered;
        if (node && node != host) {
            status_set(st, "steered-host", "%s", node->name);
            break;
        }
    }
    if (is_moving(v, s)) {
        status_set(st, "moving", "true");
    }
    for (size_t i = 0; i < s->n_works; i++) {
        if (schedule_is_adopted(s->works[i])) {
            status_set(st, "adopted", "%s", host->name);
        }
    }
    status_set(st, "label", "%s", s->label->key);
    if (!s->by_network) {
        format_ips(s->sources, IP_N_FAMILIES, &sources);
    }
    status_set(st, "ingress", "%s", ds_cstr(&sources));
    ds_destroy(&sources);
}

void
status_write_service(const struct view *v, const struct view_service *s)
{
    struct plan_status *st = status_get(v, s->es);
    struct progress p = { .st = st };

    put_facts(v, s, st);
    stage_accepted(v, s, &p);
    stage_ingress(v, s, &p);
    stage_selected(s, &p);
    stage_programmed(v, s, &p);
    stage_steered(v, s, &p);
    stage_announced(v, s, &p);
    put_conflicted(s, st);
    if (p.failed) {
        status_condition(st, "Ready", p.status, p.failed, "%s", p.message);
        free(p.message);
    } else {
        status_condition(st, "Ready", "True", "Ready", "%s", "");
    }
}
