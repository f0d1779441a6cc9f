/* SPDX-License-Identifier: Apache-2.0 */

/* Which of several programs writes?  See the header. */

#include <config.h>

#include "ovsdb/egress-leader.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/poll-loop.h"
#include "ovsdb-idl.h"
#include "ovsdb/egress-idl.h"
#include "ovsdb/lease.h"
#include "timeval.h"
#include "util.h"
#include "uuid.h"

struct egress_leader_role {
    const char *hint_lock;      /* Of the OVSDB server: but a hint. */
    const struct ovsdb_idl_column *columns[2];
    const char *(*get_name)(const struct egressrec_egress_global *);
    int64_t (*get_beat)(const struct egressrec_egress_global *);
    void (*set_name)(const struct egressrec_egress_global *, const char *);
    void (*set_beat)(const struct egressrec_egress_global *, int64_t);
    void (*verify_name)(const struct egressrec_egress_global *);
    void (*verify_beat)(const struct egressrec_egress_global *);
};

static const char *
get_leader(const struct egressrec_egress_global *row)
{
    return row->leader;
}

static int64_t
get_leader_beat(const struct egressrec_egress_global *row)
{
    return row->leader_beat;
}

const struct egress_leader_role egress_leader_scheduler = {
    .hint_lock = "ovn_egress_scheduler",
    .columns = { &egressrec_egress_global_col_leader,
                 &egressrec_egress_global_col_leader_beat },
    .get_name = get_leader,
    .get_beat = get_leader_beat,
    .set_name = egressrec_egress_global_set_leader,
    .set_beat = egressrec_egress_global_set_leader_beat,
    .verify_name = egressrec_egress_global_verify_leader,
    .verify_beat = egressrec_egress_global_verify_leader_beat,
};

static const char *
get_mirror(const struct egressrec_egress_global *row)
{
    return row->mirror;
}

static int64_t
get_mirror_beat(const struct egressrec_egress_global *row)
{
    return row->mirror_beat;
}

const struct egress_leader_role egress_leader_mirror = {
    .hint_lock = "ovn_egress_mirror",
    .columns = { &egressrec_egress_global_col_mirror,
                 &egressrec_egress_global_col_mirror_beat },
    .get_name = get_mirror,
    .get_beat = get_mirror_beat,
    .set_name = egressrec_egress_global_set_mirror,
    .set_beat = egressrec_egress_global_set_mirror_beat,
    .verify_name = egressrec_egress_global_verify_mirror,
    .verify_beat = egressrec_egress_global_verify_mirror_beat,
};

/* How long to wait for the server when giving up the lead, in ms. */
#define RESIGN_MS 1000

struct egress_leader {
    const struct egress_leader_role *role;
    struct ovsdb_idl *idl;
    struct ovsdb_idl *hint;     /* Connected for nothing but the lock. */
    char *id;                   /* Us: "HOST UUID". */
    struct lease lease;
    bool paused;
    bool leads;
    bool current;               /* The replica is. */
    long long int ran;          /* When we looked last. */
    long long int next;         /* When to write again, or to try to. */
};

static char *
make_id(void)
{
    char host[256] = "";
    struct uuid uuid;

    if (gethostname(host, sizeof host - 1)) {
        host[0] = '\0';
    }
    uuid_generate(&uuid);
    return xasprintf("%s "UUID_FMT, host[0] ? host : "localhost",
                     UUID_ARGS(&uuid));
}

struct egress_leader *
egress_leader_create(struct ovsdb_idl *idl, const char *remote,
                     const struct egress_leader_role *role)
{
    struct egress_leader *l = xzalloc(sizeof *l);

    l->role = role;
    l->idl = idl;
    l->id = make_id();
    lease_init(&l->lease);
    for (size_t i = 0; i < ARRAY_SIZE(role->columns); i++) {
        ovsdb_idl_track_add_column(idl, role->columns[i]);
    }
    l->hint = ovsdb_idl_create(remote, &egressrec_idl_class, false, true);
    ovsdb_idl_set_lock(l->hint, role->hint_lock);
    return l;
}

/* The row, if it says that we lead, or NULL. */
static const struct egressrec_egress_global *
own_row(const struct egress_leader *l)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(l->idl);

    return row && !strcmp(l->role->get_name(row), l->id) ? row : NULL;
}

static void
give_up(const struct egress_leader *l,
        const struct egressrec_egress_global *row)
{
    l->role->verify_name(row);
    l->role->set_name(row, "");
}

/* Gives up the lead.  If the server does not answer, others will find out. */
static void
resign(struct egress_leader *l)
{
    const struct egressrec_egress_global *row = own_row(l);

    if (!row || !l->current) {
        return;
    }

    struct ovsdb_idl_txn *txn = ovsdb_idl_txn_create(l->idl);
    long long int end = time_msec() + RESIGN_MS;

    give_up(l, row);
    while (ovsdb_idl_txn_commit(txn) == TXN_INCOMPLETE && time_msec() < end) {
        ovsdb_idl_run(l->idl);
        ovsdb_idl_wait(l->idl);
        ovsdb_idl_txn_wait(txn);
        poll_timer_wait_until(end);
        poll_block();
    }
    ovsdb_idl_txn_destroy(txn);
}

void
egress_leader_destroy(struct egress_leader *l)
{
    if (l) {
        resign(l);
        ovsdb_idl_destroy(l->hint);
        lease_destroy(&l->lease);
        free(l->id);
        free(l);
    }
}

bool
egress_leader_run(struct egress_leader *l, bool current, long long int now)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(l->idl);

    ovsdb_idl_run(l->hint);
    lease_hint(&l->lease, ovsdb_idl_has_lock(l->hint), now);
    l->current = current;
    if (now - l->ran > LEASE_MS / 2) {
        /* We did not look, so we do not know how long there was no beat. */
        lease_forget(&l->lease);
    }
    l->ran = now;
    if (current) {
        lease_see(&l->lease, row ? l->role->get_name(row) : "",
                  row ? l->role->get_beat(row) : 0, now);
    } else {
        lease_forget(&l->lease);
    }
    l->leads = current && !l->paused && own_row(l);
    return l->leads;
}

/* When something has to be written. */
static long long int
get_due(const struct egress_leader *l)
{
    if (!l->current) {
        return LLONG_MAX;
    } else if (own_row(l)) {
        return l->next;
    }
    return l->paused ? LLONG_MAX : MAX(l->next, lease_end(&l->lease));
}

void
egress_leader_wait(const struct egress_leader *l)
{
    ovsdb_idl_wait(l->hint);
    if (get_due(l) != LLONG_MAX) {
        poll_timer_wait_until(get_due(l));
    }
}

void
egress_leader_pause(struct egress_leader *l, bool pause)
{
    l->paused = pause;
    l->next = 0;
    ovsdb_idl_set_lock(l->hint, pause ? NULL : l->role->hint_lock);
}

/* A number that is greater than the last one, and the time of day if that
 * is. */
static int64_t
next_beat(const struct egress_leader *l,
          const struct egressrec_egress_global *row)
{
    return MAX(time_wall_msec(), l->role->get_beat(row) + 1);
}

void
egress_leader_write(struct egress_leader *l, struct ovsdb_idl_txn *txn,
                    long long int now)
{
    const struct egressrec_egress_global *row
        = egressrec_egress_global_first(l->idl);

    if (now < get_due(l)) {
        return;
    }
    l->next = now + LEASE_BEAT_MS;
    if (own_row(l) && l->paused) {
        give_up(l, row);
        return;
    }
    if (row) {
        l->role->verify_name(row);
        l->role->verify_beat(row);
    } else {
        row = egressrec_egress_global_insert(txn);
    }
    l->role->set_name(row, l->id);
    l->role->set_beat(row, next_beat(l, row));
}

void
egress_leader_verify(const struct egress_leader *l)
{
    const struct egressrec_egress_global *row = own_row(l);

    if (row) {
        l->role->verify_name(row);
    }
}
