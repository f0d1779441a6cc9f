/* SPDX-License-Identifier: Apache-2.0 */

/* Ranks of announcements.  See frr-rank.h. */

#include <config.h>

#include "plan/frr/frr-rank.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr.h"
#include "sset.h"
#include "util.h"

/* Nobody has reason for more, and each makes the configuration longer. */
#define MAX_PREPENDS 100

/* If 'word' is 'key' and a number up to 'max', returns true and sets
 * '*number'. */
static bool
read_word(const char *word, const char *key, uint32_t max, uint32_t *number)
{
    size_t len = strlen(key);
    unsigned long long int value;

    if (strncmp(word, key, len) || !str_to_ullong(word + len, 10, &value)
        || value > max) {
        return false;
    }
    *number = value;
    return true;
}

/* If 'a' has a rank, returns true and sets '*rank'. */
static bool
read_rank(const struct frr_announcement *a, struct frr_rank *rank)
{
    bool any = false;

    *rank = (struct frr_rank) { .med = 0 };
    for (size_t i = 0; i < a->attributes.n; i++) {
        const char *word = a->attributes.names[i];

        any |= (read_word(word, "med=", UINT32_MAX, &rank->med)
                || read_word(word, FRR_PREPEND_KEY, MAX_PREPENDS,
                             &rank->prepends));
    }
    return any;
}

static int
compare_prefix(const void *prefix, const void *announcement_)
{
    const struct frr_announcement *announcement = announcement_;

    return ip_prefix_compare(prefix, &announcement->prefix);
}

bool
frr_router_rank(const struct frr_peer *peers, size_t n, size_t i,
                const struct ip_prefix *prefix, struct frr_rank *rank)
{
    for (size_t j = 0; j < n; j++) {
        const struct frr_peer *p = &peers[j];
        const struct frr_announcement *a
            = (p->n_announcements && frr_same_router(p, &peers[i])
               ? bsearch(prefix, p->announcements, p->n_announcements,
                         sizeof *p->announcements, compare_prefix) : NULL);

        if (a && read_rank(a, rank)) {
            return true;
        }
    }
    return false;
}

bool
frr_peer_is_in_own_as(const struct intent_bgp_peer *peer)
{
    return (peer->peer_asn ? peer->peer_asn == peer->my_asn
            : !strcmp(peer->dynamic_asn, "internal")
              && (!peer->local_asn || peer->local_asn == peer->my_asn));
}

char *
frr_rank_map(const struct frr_rank *rank, uint32_t asn)
{
    return (rank->prepends
            ? xasprintf(FRR_RANK_MAP "%"PRIu32"-prepend-%"PRIu32"x%"PRIu32,
                        rank->med, rank->prepends, asn)
            : xasprintf(FRR_RANK_MAP "%"PRIu32, rank->med));
}

static void
put_map(const char *name, const struct frr_rank *rank, uint32_t asn,
        struct ds *s)
{
    ds_put_format(s, "route-map %s permit 1\n set metric %"PRIu32"\n", name,
                  rank->med);
    if (rank->prepends) {
        ds_put_cstr(s, " set as-path prepend");
        for (uint32_t i = 0; i < rank->prepends; i++) {
            ds_put_format(s, " %"PRIu32, asn);
        }
        ds_put_char(s, '\n');
    }
    ds_put_cstr(s, "exit\n");
}

void
frr_put_ranks(const struct frr_peer *peers, size_t n, struct ds *s)
{
    struct sset known = SSET_INITIALIZER(&known);

    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < peers[i].n_announcements; j++) {
            uint32_t asn = peers[i].peer->my_asn;
            struct frr_rank rank;

            if (read_rank(&peers[i].announcements[j], &rank)) {
                char *name = frr_rank_map(&rank, asn);

                if (sset_add(&known, name)) {
                    put_map(name, &rank, asn, s);
                }
                free(name);
            }
        }
    }
    sset_destroy(&known);
}
