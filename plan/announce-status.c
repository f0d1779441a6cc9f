/* SPDX-License-Identifier: Apache-2.0 */

/* What came of the announcements, from what the nodes report.  See
 * announce.h. */

#include <config.h>

#include "plan/announce.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/status.h"
#include "util.h"

/* So many sessions are named in a message. */
#define MAX_NAMED 8

#define ESTABLISHED "Established"

/* Returns what is wrong with 'session', or NULL; sets '*reason' to it in one
 * word. */
static const char *
session_trouble(const struct announce_session *session, const char **reason)
{
    const struct plan_prior_work *prior = session->prior;

    if (prior && *prior->error) {
        *reason = "NodeError";
        return prior->error;
    } else if (!prior || !*prior->acked) {
        *reason = "NotAcknowledged";
        return "waiting for the node";
    } else if (strcmp(prior->session, ESTABLISHED)) {
        *reason = "SessionDown";
        return *prior->session ? prior->session : "the session is not known";
    }
    return NULL;
}

/* The same of 'prefix' in 'session'. */
static const char *
item_trouble(const struct announce_item *item, const char **reason)
{
    const struct announce_session *session = item->session;
    const char *trouble = session_trouble(session, reason);

    if (trouble || sset_contains(&session->prior->advertised, item->prefix)) {
        return trouble;
    } else if (!session->acked) {
        *reason = "NotAcknowledged";
        return "waiting for the node";
    }
    *reason = "NotAdvertised";
    return "FRR does not advertise it";
}

const char *
announce_describe(const struct view_service *service, struct ds *s)
{
    const struct view_announced *as = &service->announced;
    struct sset good = SSET_INITIALIZER(&good);
    const char *result = NULL;
    const char *reason;
    size_t n_named = 0;

    for (size_t i = 0; i < as->n; i++) {
        if (!item_trouble(&as->items[i], &reason)) {
            sset_add(&good, as->items[i].prefix);
        }
    }
    for (size_t i = 0; i < as->n; i++) {
        const struct announce_item *item = &as->items[i];
        const char *trouble = item_trouble(item, &reason);

        if (trouble && !result && !sset_contains(&good, item->prefix)) {
            result = reason;
        }
        if (n_named++ < MAX_NAMED) {
            ds_put_format(s, "%s%s to %s (%s)%s%s", i ? ", " : "",
                          item->prefix, item->session->peer->name,
                          item->session->node->name,
                          trouble ? ": " : "", trouble ? trouble : "");
        }
    }
    if (n_named > MAX_NAMED) {
        ds_put_format(s, " and %"PRIuSIZE" more", n_named - MAX_NAMED);
    }
    if (!result && (!as->n || as->n_missing)) {
        result = as->why.reason ? as->why.reason : "NotActive";
        ds_put_format(s, "%s%s", s->length ? "; " : "",
                      as->why.message ? as->why.message
                      : "no node may announce it yet");
    }
    sset_destroy(&good);
    return result;
}

static void
put_peer(struct view *v, const struct announce_peer *p)
{
    struct plan_status *st = status_get(v, p->obj);
    struct ds troubles = DS_EMPTY_INITIALIZER;
    const char *first_reason = NULL;
    size_t n = p->n_sessions;
    size_t n_established = 0;
    size_t n_named = 0;

    for (size_t i = 0; i < n; i++) {
        const struct announce_session *session = p->sessions[i];
        const char *reason = "Refused";
        const char *trouble = (session->obstacle ? session->obstacle
                               : session_trouble(session, &reason));

        if (!trouble) {
            n_established++;
        } else if (n_named++ < MAX_NAMED) {
            ds_put_format(&troubles, "; %s: %s%s", session->node->name,
                          trouble, session->conflict);
            first_reason = first_reason ? first_reason : reason;
        }
    }
    if (*p->obj->bgp_peer.bfd_profile && !p->bfd) {
        ds_put_format(&troubles, "; without BFD, for there is no BFDProfile "
                      "%s/%s", p->obj->namespace,
                      p->obj->bgp_peer.bfd_profile);
        first_reason = first_reason ? first_reason : "NoBFDProfile";
    }
    status_set(st, "nodes", "%"PRIuSIZE, n);
    status_set(st, "established", "%"PRIuSIZE, n_established);
    if (!n) {
        status_condition(st, ESTABLISHED, "False", "NoMatchingNode",
                         "it selects no node");
    } else {
        status_condition(st, ESTABLISHED, first_reason ? "False" : "True",
                         first_reason ? first_reason : ESTABLISHED,
                         "%"PRIuSIZE" of %"PRIuSIZE" nodes%s",
                         n_established, n, ds_cstr(&troubles));
    }
    ds_destroy(&troubles);
}

void
announce_put_status(struct view *v)
{
    size_t n;
    const struct announce_peer *peers = announce_get_peers(v, &n);

    for (size_t i = 0; i < n; i++) {
        put_peer(v, &peers[i]);
    }
}
