/* SPDX-License-Identifier: Apache-2.0 */

/* The conditions of BGPPeers, from what the nodes report. */

#include <config.h>

#include "plan/decide/announce.h"

#include "openvswitch/dynamic-string.h"
#include "plan/emit/emit.h"
#include "plan/emit/status.h"
#include "util.h"

/* So many sessions are named in a message. */
#define MAX_NAMED 8

static void
put_peer(const struct view *v, const struct announce_peer *p)
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
                               : announce_find_trouble(session, &reason));

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
        status_condition(st, ANNOUNCE_ESTABLISHED, "False", "NoMatchingNode",
                         "it selects no node");
    } else {
        status_condition(st, ANNOUNCE_ESTABLISHED,
                         first_reason ? "False" : "True",
                         first_reason ? first_reason : ANNOUNCE_ESTABLISHED,
                         "%"PRIuSIZE" of %"PRIuSIZE" nodes%s",
                         n_established, n, ds_cstr(&troubles));
    }
    ds_destroy(&troubles);
}

static bool
is_touched(const struct announce_peer *p)
{
    for (size_t i = 0; i < p->n_sessions; i++) {
        if (p->sessions[i]->touched) {
            return true;
        }
    }
    return !p->n_sessions;
}

void
announce_put_status(const struct view *v)
{
    for (size_t i = 0; v->announce && i < v->announce->n_peers; i++) {
        if (is_touched(&v->announce->peers[i])) {
            put_peer(v, &v->announce->peers[i]);
        }
    }
}
