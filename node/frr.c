/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps what is ours in FRR's configuration as it should be.  See frr.h. */

#include <config.h>

#include "node/frr.h"

#include <stdlib.h>
#include <string.h>

#include "node/frr-daemon.h"
#include "node/frr-sessions.h"
#include "node/links.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/shash.h"
#include "plan/frr/frr-config.h"
#include "plan/frr/frr-diff.h"
#include "plan/frr/frr-part.h"
#include "plan/rows/row.h"
#include "smap.h"
#include "util.h"

struct frr {
    struct frr_daemon *daemons[FRR_N_DAEMONS];
    struct frr_sessions *sessions;
    bool set;                   /* frr_set() was called. */
    char *wanted;
    struct shash peers;         /* By peer_key(): "char *", what FRR needs for
                                 * that peer alone. */
};

struct frr *
frr_create(const char *namespace)
{
    struct frr *frr = xmalloc(sizeof *frr);

    *frr = (struct frr) {
        .sessions = frr_sessions_create(),
        .wanted = xstrdup(""),
        .peers = SHASH_INITIALIZER(&frr->peers),
    };
    for (int i = 0; i < FRR_N_DAEMONS; i++) {
        frr->daemons[i] = frr_daemon_create(namespace, frr_daemon_name(i));
    }
    return frr;
}

void
frr_destroy(struct frr *frr)
{
    if (frr) {
        for (int i = 0; i < FRR_N_DAEMONS; i++) {
            frr_daemon_destroy(frr->daemons[i]);
        }
        frr_sessions_destroy(frr->sessions);
        shash_destroy_free_data(&frr->peers);
        free(frr->wanted);
        free(frr);
    }
}

/* Returns what the router and neighbor of 'peer' are called together.  The
 * caller frees it. */
static char *
peer_key(const struct intent_bgp_peer *peer)
{
    char buf[IP_STRLEN];

    return frr_conflict_key(peer->vrf, frr_peer_name(peer, buf));
}

void
frr_set(struct frr *frr, const struct frr_peer *peers, size_t n)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    frr_render(peers, n, &s);
    if (frr->set && !strcmp(ds_cstr(&s), frr->wanted)) {
        ds_destroy(&s);
        return;
    }
    free(frr->wanted);
    frr->wanted = ds_steal_cstr(&s);
    frr->set = true;

    shash_clear_free_data(&frr->peers);
    for (size_t i = 0; i < n; i++) {
        struct ds own = DS_EMPTY_INITIALIZER;

        frr_render(&peers[i], 1, &own);
        free(shash_replace_nocopy(&frr->peers, peer_key(peers[i].peer),
                                  ds_steal_cstr(&own)));
    }
    for (int i = 0; i < FRR_N_DAEMONS; i++) {
        struct ds part = DS_EMPTY_INITIALIZER;

        frr_part(frr->wanted, i, &part);
        frr_daemon_set(frr->daemons[i], ds_cstr(&part));
        ds_destroy(&part);
    }
    frr_sessions_set(frr->sessions, peers, n);
}

bool
frr_run(struct frr *frr)
{
    bool news = false;

    if (!frr->set) {
        return false;
    }
    for (int i = 0; i < FRR_N_DAEMONS; i++) {
        news = frr_daemon_run(frr->daemons[i]) || news;
    }
    return frr_sessions_run(frr->sessions, frr->daemons[FRR_BGPD]) || news;
}

void
frr_wait(const struct frr *frr)
{
    if (frr->set) {
        for (int i = 0; i < FRR_N_DAEMONS; i++) {
            frr_daemon_wait(frr->daemons[i]);
        }
        frr_sessions_wait(frr->sessions, frr->daemons[FRR_BGPD]);
    }
}

/* Answers. */

/* Returns the line of another owner that is in the way of 'peer', or NULL. */
static const char *
find_conflict(const struct frr *frr, const struct intent_bgp_peer *peer)
{
    char buf[IP_STRLEN];

    return frr_find_conflict(
        frr_daemon_get_conflicts(frr->daemons[FRR_BGPD]), peer->vrf,
        frr_peer_name(peer, buf));
}

/* Returns what keeps the part of one daemon from being as 'own', the
 * configuration of a peer, needs it, as frr_get_trouble() does. */
static char *
daemon_trouble(const struct frr *frr, enum frr_daemon_id id, const char *own)
{
    const struct frr_daemon *d = frr->daemons[id];
    struct ds part = DS_EMPTY_INITIALIZER;
    char *trouble = NULL;

    frr_part(own, id, &part);
    if (part.length && !frr_daemon_is_loaded(d)) {
        trouble = xstrdup(frr_daemon_get_error(d));
    } else if (part.length && frr_daemon_has_refused(d)) {
        struct frr_config config;

        frr_config_init(&config, ds_cstr(&part));
        trouble = nullable_xstrdup(frr_daemon_get_refusal(d, &config.order));
        frr_config_destroy(&config);
    }
    ds_destroy(&part);
    return trouble;
}

char *
frr_get_trouble(const struct frr *frr, const struct intent_bgp_peer *peer)
{
    const char *conflict = find_conflict(frr, peer);
    char *key = peer_key(peer);
    const char *own = shash_find_data(&frr->peers, key);
    char *trouble = NULL;

    free(key);
    if (conflict) {
        return xasprintf("FRR has \"%s\" of another owner (it lacks \"%s\")",
                         conflict, strncmp(conflict, "router", 6)
                         ? FRR_OWNER_DESCRIPTION : FRR_OWNER_LINE);
    } else if (!own) {
        return xstrdup("");
    }
    for (int i = 0; i < FRR_N_DAEMONS && !(trouble && *trouble); i++) {
        char *other = daemon_trouble(frr, i, own);

        if (other) {
            free(trouble);
            trouble = other;
        }
    }
    return trouble;
}

static const struct frr_neighbor *
find_neighbor(const struct frr *frr, const struct intent_bgp_peer *peer)
{
    char buf[IP_STRLEN];

    return frr_sessions_find(frr->sessions, peer->vrf,
                             frr_peer_name(peer, buf));
}

bool
frr_is_told(const struct frr *frr, const struct intent_bgp_peer *peer,
            const struct ip_prefix *prefix)
{
    const struct frr_neighbor *n = find_neighbor(frr, peer);
    char buf[IP_STRLEN];

    return (n && n->known
            && (!frr_neighbor_is_up(n)
                || !intent_bgp_peer_carries(peer, ip_family(&prefix->addr))
                || frr_neighbor_is_told(n, ip_prefix_format(prefix, buf))));
}

bool
frr_is_withdrawn(const struct frr *frr, const struct in6_addr *ip)
{
    const struct frr_daemon *bgpd = frr->daemons[FRR_BGPD];

    return ((frr_daemon_is_loaded(bgpd) || frr_daemon_is_gone(bgpd))
            && frr_sessions_are_fresh(frr->sessions, bgpd)
            && !frr_sessions_may_tell(frr->sessions, ip));
}

const char *
frr_get_error(const struct frr *frr)
{
    return frr_daemon_get_error(frr->daemons[FRR_BGPD]);
}

bool
frr_get_session(const struct frr *frr, const struct intent_bgp_peer *peer,
                struct frr_session *session)
{
    const struct frr_neighbor *n = find_neighbor(frr, peer);
    const struct simap_node *told;

    if (!n || !n->known) {
        return false;
    }
    session->state = (*n->vrf && !links_index(n->vrf) ? "NoVRF"
                      : n->state);
    sset_init(&session->advertised);
    SIMAP_FOR_EACH (told, &n->told) {
        if (!sset_contains(&n->wanted, told->name)
            || frr_neighbor_is_told(n, told->name)) {
            sset_add(&session->advertised, told->name);
        }
    }
    return true;
}

void
frr_session_destroy(struct frr_session *session)
{
    sset_destroy(&session->advertised);
}

void
frr_format(const struct frr *frr, struct ds *s)
{
    for (int i = 0; i < FRR_N_DAEMONS; i++) {
        frr_daemon_format(frr->daemons[i], s);
    }
    frr_sessions_format(frr->sessions, s);

    char *copy = xstrdup(frr->wanted);
    char *save = NULL;
    for (char *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        char *password = strstr(line, " password ");

        if (password) {
            *password = '\0';
        }
        ds_put_format(s, "%s%s\n", line,
                      password ? " password " PLAN_HIDDEN : "");
    }
    free(copy);
}
