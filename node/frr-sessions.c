/* SPDX-License-Identifier: Apache-2.0 */

/* How the BGP sessions are.  See frr-sessions.h. */

#include <config.h>

#include "node/frr-sessions.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "node/frr-daemon.h"
#include "node/frr-heal.h"
#include "node/links.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plan/frr/frr-diff.h"
#include "plan/frr/frr-rank.h"
#include "plan/frr/frr.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(frr_sessions);

/* How long (ms) until they are read again: after a change, and then ever
 * longer; at most, while not all are good; if all are. */
#define INTERVAL_MIN 20
#define INTERVAL_BAD 1000
#define INTERVAL_GOOD 5000

/* A rest of so many times as long as reading took, on machines where that is
 * long. */
#define REST_FACTOR 3

/* The longest rest (ms): what took a minute was stopped rather than busy. */
#define REST_MAX 30000

/* When bgpd is gone, its sessions end, and with them what was told; but the
 * router of a neighbor with graceful restart keeps that for the restart time,
 * 120 s in FRR.  ms. */
#define RESTART_TIME 125000

enum question {
    ASK_SUMMARY,
    ASK_TOLD_V4,
    ASK_TOLD_V6,
    ASK_DETAILS,
    ASK_HEAL,                   /* It is a command, in fact. */
    ASK_DONE
};

struct frr_sessions {
    struct frr_neighbors neighbors;

    /* The round in which all is asked. */
    bool active;
    bool asked;                 /* An answer is to come, ... */
    bool discard;               /* ...to a question of an earlier round. */
    size_t pos;                 /* Of the neighbor. */
    enum question question;
    struct simap told;          /* Of that neighbor, in this round. */
    struct simap told_paths;    /* Likewise. */
    bool readable;              /* So far, of that neighbor. */
    unsigned int seqno;         /* Of the daemon, when it began. */
    bool full;                  /* Those that are good are asked, too. */
    long long int started;

    unsigned int fresh;         /* 'seqno' of the last round that ended. */
    long long int last_full;    /* When the last one of these ended. */
    long long int next;         /* Time of the next round. */
    int interval;               /* To it, ms. */
    long long int gone_since;   /* LLONG_MAX if bgpd runs. */
};

struct frr_sessions *
frr_sessions_create(void)
{
    struct frr_sessions *ss = xmalloc(sizeof *ss);

    *ss = (struct frr_sessions) {
        .told = SIMAP_INITIALIZER(&ss->told),
        .told_paths = SIMAP_INITIALIZER(&ss->told_paths),
        .last_full = LLONG_MIN / 2,
        .gone_since = LLONG_MAX,
    };
    return ss;
}

void
frr_sessions_destroy(struct frr_sessions *ss)
{
    if (ss) {
        frr_neighbors_destroy(&ss->neighbors);
        simap_destroy(&ss->told);
        simap_destroy(&ss->told_paths);
        free(ss);
    }
}

static struct frr_neighbor *
find(const struct frr_neighbors *nn, const char *vrf, const char *name)
{
    for (size_t i = 0; i < nn->n; i++) {
        if (!strcmp(nn->items[i].vrf, vrf)
            && !strcmp(nn->items[i].name, name)) {
            return &nn->items[i];
        }
    }
    return NULL;
}

const struct frr_neighbor *
frr_sessions_find(const struct frr_sessions *ss, const char *vrf,
                  const char *name)
{
    return find(&ss->neighbors, vrf, name);
}

/* What is wanted. */

/* Sets what the neighbor of 'peers[i]' is to be told. */
static void
set_wanted(const struct frr_peer *peers, size_t n, size_t i,
           struct frr_neighbor *neighbor)
{
    const struct frr_peer *p = &peers[i];

    for (size_t j = 0; j < p->n_announcements; j++) {
        const struct ip_prefix *prefix = &p->announcements[j].prefix;
        char buf[IP_STRLEN];
        struct frr_rank rank;

        if (intent_bgp_peer_carries(p->peer, ip_family(&prefix->addr))) {
            sset_add(&neighbor->wanted, ip_prefix_format(prefix, buf));
            if (frr_router_rank(peers, n, i, prefix, &rank)) {
                simap_put(&neighbor->meds, buf, rank.med);
                simap_put(&neighbor->paths, buf,
                          frr_peer_is_in_own_as(p->peer) ? 0 : rank.prepends);
            }
        }
    }
}

/* Moves what is known of 'was' to 'neighbor'. */
static void
take_known(struct frr_neighbor *neighbor, struct frr_neighbor *was)
{
    simap_swap(&neighbor->told, &was->told);
    simap_swap(&neighbor->told_paths, &was->told_paths);
    free(neighbor->state);
    neighbor->state = xstrdup(was->state);
    free(neighbor->local);
    neighbor->local = xstrdup(was->local);
    neighbor->known = was->known;
    neighbor->mapped = was->mapped;
    neighbor->heal_next = was->heal_next;
    neighbor->heal_interval = was->heal_interval;
}

void
frr_sessions_set(struct frr_sessions *ss, const struct frr_peer *peers,
                 size_t n)
{
    struct frr_neighbors old = ss->neighbors;
    struct frr_neighbors *nn = &ss->neighbors;

    nn->items = xmalloc(n * sizeof *nn->items);
    nn->n = n;
    for (size_t i = 0; i < n; i++) {
        struct frr_neighbor *neighbor = &nn->items[i];
        const struct intent_bgp_peer *peer = peers[i].peer;
        char buf[IP_STRLEN];

        *neighbor = (struct frr_neighbor) {
            .vrf = xstrdup(peer->vrf),
            .name = xstrdup(frr_peer_name(peer, buf)),
            .graceful = peer->graceful_restart,
            .state = xstrdup(""),
            .local = xstrdup(""),
            .wanted = SSET_INITIALIZER(&neighbor->wanted),
            .meds = SIMAP_INITIALIZER(&neighbor->meds),
            .paths = SIMAP_INITIALIZER(&neighbor->paths),
            .told = SIMAP_INITIALIZER(&neighbor->told),
            .told_paths = SIMAP_INITIALIZER(&neighbor->told_paths),
            .bad_since = LLONG_MAX,
        };
        set_wanted(peers, n, i, neighbor);
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            neighbor->families[f] = intent_bgp_peer_carries(peer, f);
        }

        struct frr_neighbor *was = find(&old, neighbor->vrf, neighbor->name);
        if (was) {
            take_known(neighbor, was);
        }
    }
    frr_neighbors_destroy(&old);
    ss->active = false;
    ss->discard = ss->asked;
    ss->fresh = 0;
    ss->next = 0;
    ss->interval = 0;
}

/* Asking. */

/* True if the VRF of 'n', in which the session is to be, is there. */
static bool
has_vrf(const struct frr_neighbor *n)
{
    return !*n->vrf || links_index(n->vrf);
}

/* True if nothing else is to be asked about the current neighbor, given what
 * its summary said. */
static bool
is_skipped(const struct frr_sessions *ss, const struct frr_neighbor *n)
{
    return !frr_neighbor_is_up(n) || (!ss->full && frr_neighbor_is_good(n));
}

/* True if 'n' is not ours: then it is looked at only. */
static bool
is_foreign(const struct frr_daemon *bgpd, const struct frr_neighbor *n)
{
    return frr_find_conflict(frr_daemon_get_conflicts(bgpd), n->vrf, n->name);
}

/* Returns the current question about 'n', or NULL if it is not to be asked.
 * The caller frees it. */
static char *
phrase(struct frr_sessions *ss, const struct frr_daemon *bgpd,
       struct frr_neighbor *n)
{
    switch (ss->question) {
    case ASK_SUMMARY:
        /* One answers for all in the VRF. */
        for (size_t i = 0; i < ss->pos; i++) {
            if (!strcmp(ss->neighbors.items[i].vrf, n->vrf)) {
                return NULL;
            }
        }
        return frr_summary_command(n);

    case ASK_TOLD_V4:
        return (n->families[IP_V4] && !is_skipped(ss, n)
                ? frr_told_command(n, IP_V4) : NULL);

    case ASK_TOLD_V6:
        return (n->families[IP_V6] && !is_skipped(ss, n)
                ? frr_told_command(n, IP_V6) : NULL);

    case ASK_DETAILS:
        return (n->families[IP_V6] && !is_skipped(ss, n)
                ? frr_details_command(n) : NULL);

    case ASK_HEAL:
        return (n->known && !is_foreign(bgpd, n) ? frr_heal(n, time_msec())
                : NULL);

    case ASK_DONE:
        break;
    }
    return NULL;
}

/* All was asked about 'n', but how to heal it. */
static void
note_told(struct frr_sessions *ss, struct frr_neighbor *n)
{
    if (!frr_neighbor_is_up(n)) {
        simap_clear(&n->told);
    } else if (!is_skipped(ss, n) && ss->readable) {
        simap_swap(&n->told, &ss->told);
        simap_swap(&n->told_paths, &ss->told_paths);
    }
    n->known = ss->readable && !n->lost;
    simap_clear(&ss->told);
    simap_clear(&ss->told_paths);
    ss->readable = true;
}

/* Notes whether the summary of 'vrf' could be read. */
static void
note_summary(struct frr_sessions *ss, const char *vrf, bool ok)
{
    for (size_t i = 0; i < ss->neighbors.n; i++) {
        if (!strcmp(ss->neighbors.items[i].vrf, vrf)) {
            ss->neighbors.items[i].lost = !ok;
        }
    }
}

/* Takes the reply to the current question. */
static void
take(struct frr_sessions *ss, const char *reply)
{
    struct frr_neighbor *n = &ss->neighbors.items[ss->pos];
    bool ok = true;

    switch (ss->question) {
    case ASK_SUMMARY:
        ok = frr_read_summary(reply, &ss->neighbors, n);
        note_summary(ss, n->vrf, ok);
        break;

    case ASK_TOLD_V4:
    case ASK_TOLD_V6:
        ok = frr_read_told(reply, &ss->told, &ss->told_paths);
        break;

    case ASK_DETAILS:
        ok = frr_read_details(reply, n);
        break;

    case ASK_HEAL:
    case ASK_DONE:
        break;
    }
    if (!ok) {
        static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(1, 5);

        VLOG_WARN_RL(&rl, "neighbor %s: cannot parse bgpd's answer",
                     n->name);
        ss->readable = ss->question == ASK_SUMMARY;
    }
}

static bool
all_are_good(const struct frr_sessions *ss)
{
    for (size_t i = 0; i < ss->neighbors.n; i++) {
        const struct frr_neighbor *n = &ss->neighbors.items[i];

        if (!frr_neighbor_is_good(n) && has_vrf(n)) {
            return false;
        }
    }
    return true;
}

static void
end_round(struct frr_sessions *ss)
{
    long long int now = time_msec();
    bool good = all_are_good(ss);

    ss->active = false;
    ss->fresh = ss->seqno;
    ss->last_full = ss->full ? now : ss->last_full;
    ss->interval = (good ? INTERVAL_GOOD
                    : MIN(MAX(INTERVAL_MIN, ss->interval * 2),
                          INTERVAL_BAD));
    ss->next = now + MAX(ss->interval, MIN(REST_FACTOR * (now - ss->started),
                                          REST_MAX));
    ss->interval = good ? 0 : ss->interval;
}

/* Goes on to the next question. */
static void
advance(struct frr_sessions *ss)
{
    struct frr_neighbor *n = &ss->neighbors.items[ss->pos];

    if (ss->question == ASK_TOLD_V4 || ss->question == ASK_TOLD_V6) {
        ss->question++;
        return;
    } else if (ss->question == ASK_DETAILS) {
        note_told(ss, n);
        ss->question = ASK_TOLD_V4;
    }
    if (++ss->pos == ss->neighbors.n) {
        ss->pos = 0;
        ss->question = (ss->question == ASK_SUMMARY ? ASK_TOLD_V4
                        : ss->question == ASK_TOLD_V4 ? ASK_HEAL : ASK_DONE);
    }
}

/* Asks what comes next. */
static void
ask_next(struct frr_sessions *ss, struct frr_daemon *bgpd)
{
    while (ss->neighbors.n && ss->question != ASK_DONE) {
        char *command = phrase(ss, bgpd, &ss->neighbors.items[ss->pos]);

        if (command) {
            frr_daemon_ask(bgpd, command);
            ss->asked = true;
            free(command);
            return;
        }
        advance(ss);
    }
    end_round(ss);
}

static void
begin_round(struct frr_sessions *ss, const struct frr_daemon *bgpd)
{
    long long int now = time_msec();

    ss->active = true;
    ss->pos = 0;
    ss->question = ASK_SUMMARY;
    simap_clear(&ss->told);
    simap_clear(&ss->told_paths);
    ss->readable = true;
    ss->started = now;
    ss->seqno = frr_daemon_get_seqno(bgpd);
    ss->full = (ss->fresh != ss->seqno
                || now >= ss->last_full + INTERVAL_GOOD);
}

/* bgpd does not run: its sessions are down. */
static bool
note_gone(struct frr_sessions *ss)
{
    long long int now = time_msec();
    bool news = ss->gone_since == LLONG_MAX;

    ss->gone_since = MIN(ss->gone_since, now);
    for (size_t i = 0; i < ss->neighbors.n; i++) {
        struct frr_neighbor *n = &ss->neighbors.items[i];

        n->state[0] = '\0';
        if (!n->graceful || now >= ss->gone_since + RESTART_TIME) {
            news = news || !n->known || !simap_is_empty(&n->told);
            n->known = true;
            simap_clear(&n->told);
        }
    }
    return news;
}

bool
frr_sessions_run(struct frr_sessions *ss, struct frr_daemon *bgpd)
{
    unsigned int seqno = frr_daemon_get_seqno(bgpd);
    bool read = false;
    char *reply;
    int status;

    if (frr_daemon_is_gone(bgpd)) {
        ss->active = ss->asked = ss->discard = false;
        return note_gone(ss);
    } else if (ss->gone_since != LLONG_MAX) {
        ss->gone_since = LLONG_MAX;
        for (size_t i = 0; i < ss->neighbors.n; i++) {
            ss->neighbors.items[i].known = false;
        }
    }
    if (seqno != ss->seqno) {
        ss->seqno = seqno;
        ss->active = false;
        ss->discard = ss->asked;
        ss->next = 0;
        ss->interval = 0;
    }

    reply = frr_daemon_answer(bgpd, &status);
    if (reply) {
        if (!ss->discard) {
            take(ss, reply);
            advance(ss);
        }
        free(reply);
        read = true;
    }
    if (!frr_daemon_is_asked(bgpd)) {
        ss->asked = ss->discard = false;
        if (frr_daemon_is_free(bgpd)) {
            if (!ss->active && time_msec() >= ss->next) {
                begin_round(ss, bgpd);
            }
            if (ss->active) {
                ask_next(ss, bgpd);
            }
        }
    }
    return read;
}

void
frr_sessions_wait(const struct frr_sessions *ss,
                  const struct frr_daemon *bgpd)
{
    if (frr_daemon_is_free(bgpd)) {
        poll_timer_wait_until(ss->active ? 0 : ss->next);
    }
    if (ss->gone_since != LLONG_MAX
        && time_msec() < ss->gone_since + RESTART_TIME) {
        poll_timer_wait_until(ss->gone_since + RESTART_TIME);
    }
}

/* Answers. */

/* True if 'n' is told of 'ip', and should not be. */
static bool
tells(const struct frr_neighbor *n, const struct in6_addr *ip)
{
    const struct simap_node *node;

    SIMAP_FOR_EACH (node, &n->told) {
        struct ip_prefix prefix;

        if (!sset_contains(&n->wanted, node->name)
            && ip_prefix_parse(node->name, &prefix, NULL)
            && ip_prefix_contains(&prefix, ip)) {
            return true;
        }
    }
    return false;
}

bool
frr_sessions_may_tell(const struct frr_sessions *ss, const struct in6_addr *ip)
{
    for (size_t i = 0; i < ss->neighbors.n; i++) {
        const struct frr_neighbor *n = &ss->neighbors.items[i];

        if (!n->known || tells(n, ip)) {
            return true;
        }
    }
    return false;
}

bool
frr_sessions_are_fresh(const struct frr_sessions *ss,
                       const struct frr_daemon *bgpd)
{
    return (frr_daemon_is_gone(bgpd)
            || ss->fresh == frr_daemon_get_seqno(bgpd));
}

void
frr_sessions_format(const struct frr_sessions *ss, struct ds *s)
{
    for (size_t i = 0; i < ss->neighbors.n; i++) {
        const struct frr_neighbor *n = &ss->neighbors.items[i];

        ds_put_format(s, "neighbor %s%s%s: %s, %"PRIuSIZE" prefixes%s\n",
                      n->name, *n->vrf ? " vrf " : "", n->vrf,
                      *n->state ? n->state : "unknown",
                      simap_count(&n->told),
                      n->mapped ? ", without an IPv6 next hop" : "");
    }
}
