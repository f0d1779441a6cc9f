/* SPDX-License-Identifier: Apache-2.0 */

/* What came of the announcements, from what the nodes report.  See
 * announce.h. */

#include <config.h>

#include "plan/decide/announce.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "util.h"

/* So many sessions are named in a message. */
#define MAX_NAMED 8

const char *
announce_find_trouble(const struct announce_session *session,
                      const char **reason)
{
    const struct plan_prior_work *prior = session->prior;

    if (prior && *prior->error) {
        *reason = "NodeError";
        return prior->error;
    } else if (!prior || !*prior->acked) {
        *reason = "NotAcknowledged";
        return "waiting for the node";
    } else if (strcmp(prior->session, ANNOUNCE_ESTABLISHED)) {
        *reason = "SessionDown";
        return *prior->session ? prior->session : "the session is not known";
    }
    return NULL;
}

/* The same of a prefix. */
static const char *
prefix_trouble(const struct announce_prefix *p, const char **reason)
{
    const struct announce_session *session = p->session;
    const char *trouble = announce_find_trouble(session, reason);
    char text[IP_STRLEN];

    if (trouble || sset_contains(&session->prior->advertised,
                                 ip_prefix_format(&p->prefix, text))) {
        return trouble;
    } else if (!session->acked) {
        *reason = "NotAcknowledged";
        return "waiting for the node";
    }
    *reason = "NotAdvertised";
    return "FRR does not advertise it";
}

/* True if an earlier claim is to the same prefix, by another advert: those on
 * one node come one after another. */
static bool
is_repeated(const struct announced *as, size_t i)
{
    const struct announce_prefix *p = as->claims[i].prefix;

    while (i-- > 0 && as->claims[i].prefix->session->node
                      == p->session->node) {
        if (as->claims[i].prefix == p) {
            return true;
        }
    }
    return false;
}

const char *
announce_describe(const struct view *v, const char *key, struct ds *s)
{
    const struct ledger_entry *entry = ledger_find(v->ledger, key);
    struct sset good = SSET_INITIALIZER(&good);
    const char *result = NULL;
    char text[IP_STRLEN];
    const char *reason;
    size_t n_named = 0;

    if (!v->announce || !entry) {
        return ANNOUNCE_NOT_MANAGED;
    }
    const struct announced *as = &entry->announced;
    for (size_t i = 0; i < as->n; i++) {
        if (!prefix_trouble(as->claims[i].prefix, &reason)) {
            sset_add(&good, ip_prefix_format(&as->claims[i].prefix->prefix,
                                             text));
        }
    }
    for (size_t i = 0; i < as->n; i++) {
        const struct announce_prefix *p = as->claims[i].prefix;
        const char *trouble = prefix_trouble(p, &reason);

        ip_prefix_format(&p->prefix, text);
        if (trouble && !result && !sset_contains(&good, text)) {
            result = reason;
        }
        if (!is_repeated(as, i) && n_named++ < MAX_NAMED) {
            ds_put_format(s, "%s%s to %s (%s)%s%s", i ? ", " : "", text,
                          p->session->peer->name, p->session->node->name,
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

/* Adds to 'stale' the EgressServices that have a claim to 'p'. */
static void
add_claimants(const struct announce_prefix *p, struct sset *stale)
{
    const struct announce_claim *c;

    LIST_FOR_EACH (c, list_node, &p->claims) {
        if (c->entry->announced.described) {
            sset_add(stale, c->entry->key);
        }
    }
}

void
announce_note_state(struct announce_session *session, struct sset *stale)
{
    const char *reason;
    const char *trouble = announce_find_trouble(session, &reason);
    bool all = !nullable_string_is_equal(trouble, session->told);
    struct announce_prefix *p;

    if (all) {
        free(session->told);
        session->told = nullable_xstrdup(trouble);
    }
    HMAP_FOR_EACH (p, hmap_node, &session->prefixes) {
        reason = NULL;
        prefix_trouble(p, &reason);
        if (all || reason != p->told) {
            p->told = reason;
            add_claimants(p, stale);
        }
    }
}
