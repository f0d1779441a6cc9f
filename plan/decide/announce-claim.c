/* SPDX-License-Identifier: Apache-2.0 */

/* What Services claim of the prefixes of sessions.  See announce.h. */

#include <config.h>

#include "plan/decide/announce.h"

#include <stdlib.h>

#include "hash.h"
#include "plan/decide/ledger.h"
#include "plan/rows/ip-hash.h"
#include "plan/rows/output.h"
#include "plan/rows/problem.h"
#include "util.h"

/* Returns 'prefix' of 'session', which is made if there is none. */
static struct announce_prefix *
get_prefix(struct announce_session *session, const struct ip_prefix *prefix)
{
    uint32_t hash = hash_int(prefix->plen, ip_hash(&prefix->addr));
    struct announce_prefix *p;

    HMAP_FOR_EACH_WITH_HASH (p, hmap_node, hash, &session->prefixes) {
        if (!ip_prefix_compare(&p->prefix, prefix)) {
            return p;
        }
    }
    p = xmalloc(sizeof *p);
    *p = (struct announce_prefix) { .session = session, .prefix = *prefix };
    ovs_list_init(&p->claims);
    hmap_insert(&session->prefixes, &p->hmap_node, hash);
    return p;
}

void
announce_add_claim(struct announced *as, struct announce_session *session,
                   const struct ip_prefix *prefix, struct advert *advert,
                   uint32_t epoch, int prepends)
{
    if (as->n >= as->allocated) {
        as->claims = x2nrealloc(as->claims, &as->allocated,
                                sizeof *as->claims);
    }
    as->claims[as->n++] = (struct announce_claim) {
        .prefix = get_prefix(session, prefix),
        .advert = advert,
        .epoch = epoch,
        .prepends = prepends,
    };
}

static bool
is_same_claim(const struct announce_claim *a, const struct announce_claim *b)
{
    return (a->prefix == b->prefix && a->advert == b->advert
            && a->epoch == b->epoch && a->prepends == b->prepends);
}

/* Touches the sessions of 'claims' but for the first 'n_same'. */
static void
touch(const struct announced *as, size_t n_same)
{
    for (size_t i = n_same; as && i < as->n; i++) {
        as->claims[i].prefix->session->touched = true;
    }
}

/* Says if others want another localPref for the prefix of 'new'. */
static void
check_local_pref(struct view *v, const struct announce_claim *new)
{
    struct advert *advert = new->advert;
    const struct announce_claim *c;

    LIST_FOR_EACH (c, list_node, &new->prefix->claims) {
        int64_t local_pref = c->advert->local_pref;
        char text[IP_STRLEN];

        if (local_pref >= 0 && advert->local_pref >= 0
            && local_pref != advert->local_pref && !advert->told) {
            plan_problem_of(&v->plan->problems, INTENT_WARNING, advert->obj,
                            "spec.localPref", "another BGPAdvertisement gives "
                            "%s, on the same node to the same peer, another "
                            "localPref: the higher one counts",
                            ip_prefix_format(&new->prefix->prefix, text));
            advert->told = true;
        }
    }
}

void
announce_enter(struct view *v, struct ledger_entry *entry,
               const struct announced *old)
{
    struct announced *new = entry ? &entry->announced : NULL;
    size_t n_same = 0;

    for (size_t i = 0; new && i < new->n; i++) {
        struct announce_claim *c = &new->claims[i];

        c->entry = entry;
        check_local_pref(v, c);
        ovs_list_push_back(&c->prefix->claims, &c->list_node);
    }
    while (new && old && n_same < new->n && n_same < old->n
           && is_same_claim(&new->claims[n_same], &old->claims[n_same])) {
        n_same++;
    }
    touch(new, n_same);
    touch(old, n_same);
}

void
announce_withdraw(struct announced *as)
{
    for (size_t i = 0; i < as->n; i++) {
        ovs_list_remove(&as->claims[i].list_node);
    }
}

void
announced_destroy(struct announced *as)
{
    free(as->claims);
    free(as->why.message);
}

void
announce_get_attributes(const struct view *v,
                        const struct announce_prefix *prefix,
                        struct announce_attributes *a)
{
    enum ip_family family = ip_family(&prefix->prefix.addr);
    bool single = prefix->prefix.plen == (family == IP_V4 ? 32 : 128);
    const struct announce_claim *c;

    *a = (struct announce_attributes) {
        .local_pref = -1,
        .med = -1,
        .prepends = -1,
        .communities = SSET_INITIALIZER(&a->communities),
    };
    LIST_FOR_EACH (c, list_node, &prefix->claims) {
        const char *community;

        SSET_FOR_EACH (community, &c->advert->communities) {
            sset_add(&a->communities, community);
        }
        a->local_pref = MAX(a->local_pref, c->advert->local_pref);
        /* A router prefers the newest of those who announce the address of a
         * service alone: it has the lowest MED and, if that is wanted, the
         * shortest AS path, whatever the others still announce. */
        if (single) {
            int64_t med = (int64_t) UINT32_MAX - c->epoch;

            a->med = a->med < 0 ? med : MIN(a->med, med);
        }
        if (single && v->options->newest_by == PLAN_NEWEST_BY_AS_PATH) {
            a->prepends = (a->prepends < 0 ? c->prepends
                           : MIN(a->prepends, c->prepends));
        }
    }
}

void
announce_attributes_destroy(struct announce_attributes *a)
{
    sset_destroy(&a->communities);
}

void
announce_clean(struct announce_session *session)
{
    struct announce_prefix *p, *next;

    HMAP_FOR_EACH_SAFE (p, next, hmap_node, &session->prefixes) {
        if (ovs_list_is_empty(&p->claims)) {
            hmap_remove(&session->prefixes, &p->hmap_node);
            free(p);
        }
    }
}
