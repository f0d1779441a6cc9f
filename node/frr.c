/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps what is ours in FRR's configuration as it should be.  See frr.h. */

#include <config.h>

#include "node/frr.h"

#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "node/child.h"
#include "node/frr-read.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plan/frr-diff.h"
#include "plan/row.h"
#include "smap.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(frr);
COVERAGE_DEFINE(frr_read);
COVERAGE_DEFINE(frr_write);
COVERAGE_DEFINE(frr_failed);

/* A vtysh that takes longer is given up, ms. */
#define TIMEOUT 30000

/* What vtysh is to read commands from. */
#define INPUT "/proc/self/fd/0"

/* How long (ms) until FRR is read again: if all is well; just after a change,
 * while a session is not up yet, or after a failure, and then ever longer, up
 * to the first; if nothing of ours is wanted. */
#define INTERVAL_GOOD 5000
#define INTERVAL_BAD 1000
#define INTERVAL_IDLE 60000

/* So often FRR is written to in vain before that is a failure. */
#define MAX_WRITES 4

/* So much is logged of what FRR does not show. */
#define MAX_TEXT 400

/* A rest of so many times as long as vtysh took, on machines where that is
 * long. */
#define REST_FACTOR 10

enum job { JOB_NONE, JOB_READ, JOB_WRITE };

struct frr {
    char *namespace;            /* Or NULL. */

    /* Wanted. */
    bool set;                   /* frr_set() was called. */
    bool changed;               /* 'wanted' was not compared yet. */
    bool stale;                 /* 'running' is from before a JOB_WRITE, or
                                 * from before the newest neighbors. */
    char *wanted;
    struct frr_neighbors neighbors;     /* With what was read. */

    /* What runs. */
    enum job job;
    struct child *child;
    char *sent;                 /* What the last JOB_WRITE wrote, or NULL. */
    unsigned int n_writes;      /* In a row. */
    long long int started;

    /* Known. */
    char *running;              /* Configuration, or NULL. */
    bool loaded;
    char *error;                /* "" if none. */
    char *trouble;              /* What the last JOB_WRITE complained of, or
                                 * NULL: it may have done all nevertheless. */
    char *stubborn;             /* Commands that FRR takes without a complaint
                                 * and that change nothing, or NULL. */
    struct smap conflicts;
    long long int next;         /* Time of the next JOB_READ. */
    int interval;               /* To it, ms. */
};

struct frr *
frr_create(const char *namespace)
{
    struct frr *frr = xmalloc(sizeof *frr);

    *frr = (struct frr) {
        .namespace = nullable_xstrdup(namespace),
        .wanted = xstrdup(""),
        .error = xstrdup(""),
        .conflicts = SMAP_INITIALIZER(&frr->conflicts),
        .next = LLONG_MAX,
    };
    return frr;
}

void
frr_destroy(struct frr *frr)
{
    if (frr) {
        child_destroy(frr->child);
        frr_neighbors_destroy(&frr->neighbors);
        smap_destroy(&frr->conflicts);
        free(frr->namespace);
        free(frr->wanted);
        free(frr->sent);
        free(frr->running);
        free(frr->error);
        free(frr->trouble);
        free(frr->stubborn);
        free(frr);
    }
}

/* What is wanted. */

static const char *
neighbor_name(const struct intent_bgp_peer *peer, char buf[IP_STRLEN])
{
    return (*peer->interface ? peer->interface
            : ip_format(&peer->peer_address, buf));
}

static struct frr_neighbor *
find_neighbor(const struct frr_neighbors *nn, const char *vrf,
              const char *name)
{
    for (size_t i = 0; i < nn->n; i++) {
        if (!strcmp(nn->items[i].vrf, vrf)
            && !strcmp(nn->items[i].name, name)) {
            return &nn->items[i];
        }
    }
    return NULL;
}

/* Sets the prefixes that 'neighbor' is to be told. */
static void
set_wanted(const struct frr_peer *p, struct frr_neighbor *neighbor)
{
    for (size_t i = 0; i < p->n_announcements; i++) {
        const struct ip_prefix *prefix = &p->announcements[i].prefix;
        char buf[IP_STRLEN];

        if (frr_peer_carries(p->peer, ip_family(&prefix->addr))) {
            sset_add(&neighbor->wanted, ip_prefix_format(prefix, buf));
        }
    }
}

/* Makes 'frr->neighbors' those of 'peers', with what is known of them. */
static void
set_neighbors(struct frr *frr, const struct frr_peer *peers, size_t n)
{
    struct frr_neighbors old = frr->neighbors;
    struct frr_neighbors *nn = &frr->neighbors;

    nn->items = xmalloc(n * sizeof *nn->items);
    nn->n = n;
    for (size_t i = 0; i < n; i++) {
        struct frr_neighbor *neighbor = &nn->items[i];
        const struct intent_bgp_peer *peer = peers[i].peer;
        char buf[IP_STRLEN];
        const char *name = neighbor_name(peer, buf);
        const struct frr_neighbor *was = find_neighbor(&old, peer->vrf, name);

        *neighbor = (struct frr_neighbor) {
            .vrf = xstrdup(peer->vrf),
            .name = xstrdup(name),
            .state = xstrdup(was ? was->state : ""),
            .wanted = SSET_INITIALIZER(&neighbor->wanted),
            .advertised = SSET_INITIALIZER(&neighbor->advertised),
        };
        set_wanted(&peers[i], neighbor);
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            neighbor->families[f] = frr_peer_carries(peer, f);
        }
        frr->stale = frr->stale || !was;
        if (was) {
            sset_destroy(&neighbor->advertised);
            sset_clone(&neighbor->advertised, &was->advertised);
        }
    }
    frr_neighbors_destroy(&old);
}

void
frr_set(struct frr *frr, const struct frr_peer *peers, size_t n)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    frr_render(peers, n, &s);
    if (!frr->set || strcmp(ds_cstr(&s), frr->wanted)) {
        free(frr->wanted);
        frr->wanted = ds_steal_cstr(&s);
        frr->set = true;
        frr->changed = true;
        frr->loaded = false;
        frr->interval = 0;
        frr->next = 0;
        set_neighbors(frr, peers, n);
    }
    ds_destroy(&s);
}

/* Running vtysh. */

static void
set_error(struct frr *frr, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    if (strcmp(frr->error, error)) {
        if (*error) {
            VLOG_WARN_RL(&rl, "%s", error);
        } else {
            VLOG_INFO_RL(&rl, "FRR is as it should be again");
        }
        free(frr->error);
        frr->error = xstrdup(error);
    }
}

/* Notes that 'error' keeps FRR from being as it should be. */
static void
fail(struct frr *frr, const char *error)
{
    COVERAGE_INC(frr_failed);
    frr->loaded = false;
    frr->n_writes = 0;
    frr->interval = (!*frr->error ? INTERVAL_BAD
                     : MIN(MAX(INTERVAL_BAD, frr->interval * 2),
                           INTERVAL_GOOD));
    frr->next = time_msec() + frr->interval;
    if (!*frr->wanted && !frr->running) {
        /* Without peers, a host does not need FRR: what does not run
         * announces nothing. */
        frr->loaded = true;
        frr->next = time_msec() + INTERVAL_IDLE;
        error = "";
    }
    set_error(frr, error);
}

static void
start(struct frr *frr, enum job job)
{
    struct svec argv = SVEC_EMPTY_INITIALIZER;
    char *error;

    svec_add(&argv, "vtysh");
    if (frr->namespace) {
        svec_add(&argv, "-N");
        svec_add(&argv, frr->namespace);
    }
    if (job == JOB_READ) {
        COVERAGE_INC(frr_read);
        frr_read_commands(&frr->neighbors, &argv);
    } else {
        COVERAGE_INC(frr_write);
        svec_add(&argv, "-f");
        svec_add(&argv, INPUT);
    }
    svec_terminate(&argv);

    frr->started = time_msec();
    frr->child = child_start(argv.names, job == JOB_WRITE ? frr->sent : "",
                             TIMEOUT, &error);
    frr->job = frr->child ? job : JOB_NONE;
    if (!frr->child) {
        fail(frr, error);
        free(error);
    }
    svec_destroy(&argv);
}

/* Returns 'text' as one line for people, without passwords.  The caller frees
 * it. */
static char *
tidy(const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *copy = xstrdup(text);
    char *save = NULL;

    for (char *line = strtok_r(copy, "\r\n", &save); line;
         line = strtok_r(NULL, "\r\n", &save)) {
        char *password = strstr(line, " password ");

        line += strspn(line, " ");
        if (!*line || strstr(line, "vtysh.conf")) {
            continue;
        }
        ds_put_cstr(&s, s.length ? "; " : "");
        if (password) {
            ds_put_format(&s, "%.*s password " PLAN_HIDDEN,
                          (int) (password - line), line);
        } else {
            ds_put_cstr(&s, line);
        }
    }
    free(copy);
    return ds_steal_cstr(&s);
}

/* Returns what went wrong with the child, if something did; otherwise NULL.
 * The caller frees it. */
static char *
child_trouble(const struct frr *frr)
{
    const char *failure = child_get_failure(frr->child);
    char *errors = tidy(child_get_errors(frr->child));
    char *trouble = (failure ? xasprintf("vtysh: %s", *errors ? errors
                                         : failure) : NULL);

    free(errors);
    return trouble;
}

/* Reading. */

/* True if all sessions, but for those that cannot be, are up and advertise
 * what they should. */
static bool
sessions_are_good(const struct frr *frr)
{
    for (size_t i = 0; i < frr->neighbors.n; i++) {
        const struct frr_neighbor *n = &frr->neighbors.items[i];

        if ((strcmp(n->state, "Established")
             || !sset_equals(&n->wanted, &n->advertised))
            && (!*n->vrf || if_nametoindex(n->vrf))) {
            return false;
        }
    }
    return true;
}

static void
schedule_next(struct frr *frr)
{
    long long int now = time_msec();

    frr->n_writes = 0;
    frr->interval = (!*frr->wanted ? INTERVAL_IDLE
                     : sessions_are_good(frr) ? INTERVAL_GOOD
                     : MIN(MAX(INTERVAL_BAD, frr->interval * 2),
                           INTERVAL_GOOD));
    frr->next = now + MAX(frr->interval, REST_FACTOR * (now - frr->started));
}

/* Decides what to do, given what runs. */
static void
compare(struct frr *frr)
{
    struct ds commands = DS_EMPTY_INITIALIZER;

    frr->changed = false;
    smap_clear(&frr->conflicts);
    frr_diff(frr->running, frr->wanted, &commands, &frr->conflicts);
    if (!commands.length) {
        frr->loaded = true;
        set_error(frr, "");
        free(frr->stubborn);
        frr->stubborn = NULL;
        schedule_next(frr);
    } else if (frr->stubborn && !strcmp(frr->stubborn, ds_cstr(&commands))) {
        frr->loaded = true;
        schedule_next(frr);
    } else if (frr->sent && !strcmp(frr->sent, ds_cstr(&commands))
               && !frr->trouble) {
        char *text = tidy(ds_cstr(&commands));

        VLOG_WARN("FRR took, but does not show: %.*s", MAX_TEXT, text);
        free(text);
        free(frr->stubborn);
        frr->stubborn = xstrdup(ds_cstr(&commands));
        frr->loaded = true;
        schedule_next(frr);
    } else if (frr->n_writes >= MAX_WRITES
               || (frr->sent && !strcmp(frr->sent, ds_cstr(&commands)))) {
        fail(frr, frr->trouble ? frr->trouble
             : "FRR does not keep the configuration that it gets");
    } else {
        free(frr->sent);
        frr->sent = xstrdup(ds_cstr(&commands));
        frr->n_writes++;
        start(frr, JOB_WRITE);
        ds_destroy(&commands);
        return;
    }
    free(frr->sent);
    frr->sent = NULL;
    free(frr->trouble);
    frr->trouble = NULL;
    ds_destroy(&commands);
}

static void
finish_read(struct frr *frr)
{
    char *error = child_trouble(frr);
    char *running = NULL;

    if (!error) {
        error = frr_read_parse(child_get_output(frr->child), frr->wanted,
                               &frr->neighbors, &running);
    }
    if (error) {
        free(frr->running);
        frr->running = NULL;
        for (size_t i = 0; i < frr->neighbors.n; i++) {
            frr->neighbors.items[i].state[0] = '\0';
            sset_clear(&frr->neighbors.items[i].advertised);
        }
        fail(frr, error);
        free(error);
    } else {
        free(frr->running);
        frr->running = running;
        frr->stale = false;
        compare(frr);
    }
}

/* Writing. */

static void
finish_write(struct frr *frr)
{
    char *trouble = child_trouble(frr);
    size_t n = 0;

    for (const char *p = frr->sent; *p; p++) {
        n += *p == '\n';
    }
    VLOG_INFO("gave FRR %"PRIuSIZE" lines of configuration in %lld ms%s%s", n,
              time_msec() - frr->started, trouble ? ": " : "",
              trouble ? trouble : "");
    free(frr->trouble);
    frr->trouble = trouble;
    frr->stale = true;
    frr->next = 0;              /* See what came of it. */
}

bool
frr_run(struct frr *frr)
{
    if (frr->job != JOB_NONE) {
        if (!child_run(frr->child)) {
            return false;
        }

        enum job job = frr->job;
        struct child *child = frr->child;

        frr->job = JOB_NONE;
        if (job == JOB_WRITE) {
            finish_write(frr);
        } else {
            finish_read(frr);
        }
        if (frr->child == child) {
            frr->child = NULL;
        }
        child_destroy(child);
        return true;
    } else if (frr->changed && frr->running && !frr->stale) {
        frr->started = time_msec();
        compare(frr);           /* Saves time; it is read again afterwards. */
        return true;
    } else if (frr->set && time_msec() >= frr->next) {
        start(frr, JOB_READ);
        return frr->job == JOB_NONE;
    }
    return false;
}

void
frr_wait(const struct frr *frr)
{
    if (frr->job != JOB_NONE) {
        child_wait(frr->child);
    } else if (frr->set) {
        poll_timer_wait_until(frr->next);
    }
}

/* Answers. */

bool
frr_is_loaded(const struct frr *frr)
{
    return frr->loaded;
}

const char *
frr_get_error(const struct frr *frr)
{
    return frr->error;
}

/* True if 'n' is told of 'ip', and should not be. */
static bool
tells(const struct frr_neighbor *n, const struct in6_addr *ip)
{
    const char *text;

    SSET_FOR_EACH (text, &n->advertised) {
        struct ip_prefix prefix;

        if (!sset_contains(&n->wanted, text)
            && ip_prefix_parse(text, &prefix, NULL)
            && ip_prefix_contains(&prefix, ip)) {
            return true;
        }
    }
    return false;
}

bool
frr_is_withdrawn(const struct frr *frr, const struct in6_addr *ip)
{
    for (size_t i = 0; i < frr->neighbors.n; i++) {
        if (tells(&frr->neighbors.items[i], ip)) {
            return false;
        }
    }
    return frr->loaded;
}

const char *
frr_get_conflict(const struct frr *frr, const struct intent_bgp_peer *peer)
{
    char buf[IP_STRLEN];
    char *key = frr_conflict_key(peer->vrf, neighbor_name(peer, buf));
    const char *router = smap_get(&frr->conflicts, peer->vrf);
    const char *neighbor = smap_get(&frr->conflicts, key);

    free(key);
    return router ? router : neighbor;
}

const char *
frr_get_session(const struct frr *frr, const struct intent_bgp_peer *peer,
                const struct sset **advertised)
{
    char buf[IP_STRLEN];
    const struct frr_neighbor *n = find_neighbor(
        &frr->neighbors, peer->vrf, neighbor_name(peer, buf));

    *advertised = n ? &n->advertised : NULL;
    return (!n ? NULL
            : *n->vrf && !if_nametoindex(n->vrf) ? "NoVRF"
            : n->state);
}

void
frr_format(const struct frr *frr, struct ds *s)
{
    const struct smap_node *node;

    ds_put_format(s, "configuration: %s\n",
                  !frr->set ? "not known yet"
                  : frr->loaded ? "loaded" : "not loaded");
    if (*frr->error) {
        ds_put_format(s, "error: %s\n", frr->error);
    }
    SMAP_FOR_EACH (node, &frr->conflicts) {
        ds_put_format(s, "conflict: %s\n", node->value);
    }
    for (size_t i = 0; i < frr->neighbors.n; i++) {
        const struct frr_neighbor *n = &frr->neighbors.items[i];

        ds_put_format(s, "neighbor %s%s%s: %s, %"PRIuSIZE" prefixes\n",
                      n->name, *n->vrf ? " vrf " : "", n->vrf,
                      *n->state ? n->state : "unknown",
                      sset_count(&n->advertised));
    }

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
