/* SPDX-License-Identifier: Apache-2.0 */

/* What OVN has taken in: see the header. */

#include <config.h>

#include "ovsdb/nb-confirm.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "ovsdb/sb-chassis.h"
#include "plan/plan.h"
#include "plan/rows/prefix-index.h"
#include "sset.h"
#include "util.h"

COVERAGE_DEFINE(egress_nb_cfg);

/* What 'cfg' of an address is until the question is asked whose answer will
 * tell. */
#define NOT_ASKED INT64_MAX

/* While some chassis does not answer, the others are asked this often, ms. */
#define INTERVAL_LATE 1000

/* ovs-vswitchd confirms flows before the kernel's cache of them follows: it
 * goes through that at least every 500 ms (ovs-vswitchd.conf.db(5),
 * max-revalidator) and takes what the machine allows.  So we wait for this
 * long after the answer, or as long as the answer took, in ms. */
#define SETTLE_MIN 1000
#define SETTLE_MAX 10000

/* An agent asks again within this time, ms, so that another one that follows
 * sees that it has something to ask before SETTLE_MAX is over. */
#define INTERVAL_MAX 5000

struct nb_confirm {
    struct plan_prior *prior;
    struct plan_changes *changes;
    struct sb_chassis *chassis;
    struct prefix_index nodes;  /* Subnets of pods to names of nodes. */
    enum nb_confirm_role role;

    int64_t seen;               /* NB_Global.nb_cfg. */
    int64_t base;               /* Once all have come to this, they have all
                                 * that was there when we became active. */
    long long int base_asked;   /* When that was asked. */
    long long int base_settles; /* When that is over, once they have, or 0. */
    long long int settles;      /* When the next of all is over. */
    int64_t newest;             /* Of the last question, or 0. */
    bool base_is_sure;          /* Whoever steers has asked since 'base' was
                                 * NOT_ASKED. */
    bool wanted;                /* It must be asked. */
    size_t n_not_asked;         /* Addresses. */
    bool asking;                /* The transaction is under way. */
    bool committed;             /* It has been, just now. */
    long long int asked_at;     /* When it was begun. */
    long long int next;         /* No other question before this time. */
    bool answered;              /* By all, up to 'newest'. */
};

struct nb_confirm *
nb_confirm_create(struct ovsdb_idl *nb, const char *sb_remote,
                  struct plan_prior *prior, struct plan_changes *changes)
{
    struct nb_confirm *c = xzalloc(sizeof *c);

    c->prior = prior;
    c->changes = changes;
    c->chassis = sb_chassis_create(nb, sb_remote);
    c->base = NOT_ASKED;
    c->settles = LLONG_MAX;
    prefix_index_init(&c->nodes);
    prior->all_unconfirmed = true;
    return c;
}

void
nb_confirm_destroy(struct nb_confirm *c)
{
    if (c) {
        nb_confirm_set_topology(c, NULL);
        prefix_index_destroy(&c->nodes);
        sb_chassis_destroy(c->chassis);
        free(c);
    }
}

void
nb_confirm_forget(struct nb_confirm *c)
{
    sb_chassis_forget(c->chassis);
}

void
nb_confirm_set_topology(struct nb_confirm *c, const struct plan_nb *topology)
{
    struct shash_node *sn;

    prefix_index_destroy(&c->nodes);
    prefix_index_init(&c->nodes);
    if (!topology) {
        return;
    }
    SHASH_FOR_EACH (sn, &topology->nodes) {
        const struct plan_nb_node *node = sn->data;

        /* A switch with a node's management port is that node's alone; any
         * other one may be on several chassis. */
        bool own = (ip_is_set(&node->mgmt_ips[IP_V4])
                    || ip_is_set(&node->mgmt_ips[IP_V6]));
        for (size_t i = 0; i < node->n_subnets && own; i++) {
            prefix_index_add(&c->nodes, &node->subnets[i], node->name);
        }
    }
}

/* Up to where the chassis that decides for address 'text' has come. */
static int64_t
get_chassis_cfg(const struct nb_confirm *c, const char *text,
                const char **name)
{
    struct in6_addr ip;

    return sb_chassis_get_cfg(c->chassis,
                              text && ip_addr_parse(text, &ip)
                              ? prefix_index_find(&c->nodes, &ip) : NULL,
                              name);
}

/* Forgets what is known: all has to be asked anew. */
static void
forget(struct nb_confirm *c)
{
    struct shash_node *sn, *next;

    SHASH_FOR_EACH_SAFE (sn, next, &c->prior->unconfirmed) {
        sset_add(&c->changes->addresses, sn->name);
        plan_prior_confirm(c->prior, sn->name);
    }
    c->base = NOT_ASKED;
    c->base_settles = 0;
    c->base_is_sure = false;
    c->settles = LLONG_MAX;
    c->wanted = false;
    c->newest = c->n_not_asked = 0;
    c->next = 0;
    if (!c->prior->all_unconfirmed) {
        c->prior->all_unconfirmed = c->changes->all = true;
    }
}

static void
add_address(struct nb_confirm *c, const char *ip)
{
    struct plan_unconfirmed *u = shash_find_data(&c->prior->unconfirmed, ip);

    if (!u) {
        u = xzalloc(sizeof *u);
        u->waiting_for = xstrdup("ovn-northd");
        u->cfg = 0;
        shash_add(&c->prior->unconfirmed, ip, u);
    }
    c->n_not_asked += u->cfg != NOT_ASKED;
    u->cfg = NOT_ASKED;
    u->compiled = u->applied = false;
    u->settles = 0;
}

/* The transaction with the question has been committed, and with it what
 * everything that was not asked yet says: surely if the question 'grew' since
 * we look at it, and otherwise another agent may have written something that
 * it has not asked about yet. */
static void
take_question(struct nb_confirm *c, bool grew, long long int now)
{
    struct shash_node *sn;

    c->newest = sb_chassis_get_nb_cfg(c->chassis);
    c->asking = c->committed = c->answered = false;
    SHASH_FOR_EACH (sn, &c->prior->unconfirmed) {
        struct plan_unconfirmed *u = sn->data;

        if (u->cfg == NOT_ASKED) {
            u->cfg = c->newest;
            u->asked = now;
        }
    }
    if (!c->base_is_sure) {
        c->base = c->newest;
        c->base_asked = now;
        c->base_settles = 0;
        c->base_is_sure = grew;
    }
    c->n_not_asked = 0;
}

/* Returns for whom to wait, for people: if OVN_Northbound is 'compiled', for
 * the chassis that is called 'name' or, if it is NULL, for some chassis.  The
 * caller frees it. */
static char *
describe_late(const struct nb_confirm *c, bool compiled, const char *name)
{
    return (sb_chassis_is_silent(c->chassis) ? xstrdup("OVN_Southbound")
            : !compiled ? xstrdup("ovn-northd")
            : name ? xasprintf("ovn-controller on %s", name)
            : xstrdup("ovn-controller"));
}

/* True if what was 'asked' and is answered has settled.  '*settles' is when it
 * will have, or 0; it takes at least 'min' ms. */
static bool
has_settled(struct nb_confirm *c, long long int asked, long long int min,
            long long int *settles, long long int now)
{
    if (!*settles) {
        *settles = now + MIN(MAX(now - asked, min), SETTLE_MAX);
    }
    if (now >= *settles) {
        return true;
    }
    c->settles = MIN(c->settles, *settles);
    return false;
}

/* Brings 'u', of address 'ip', up to date.  Returns true if that changes
 * something, and frees it if it is confirmed. */
static bool
update(struct nb_confirm *c, const char *ip, struct plan_unconfirmed *u,
       long long int now)
{
    const char *name = NULL;
    bool compiled = (u->cfg != NOT_ASKED
                     && sb_chassis_get_northd_cfg(c->chassis) >= u->cfg);

    if (u->applied
        || (compiled && get_chassis_cfg(c, ip, &name) >= u->cfg)) {
        bool changed = !u->applied;

        u->compiled = u->applied = true;
        if (has_settled(c, u->asked, SETTLE_MIN, &u->settles, now)) {
            plan_prior_confirm(c->prior, ip);
            return true;
        }
        return changed;
    }

    /* What has been compiled remains so while OVN_Southbound is away. */
    compiled = (compiled || (u->compiled && u->cfg != NOT_ASKED));
    char *waiting_for = describe_late(c, compiled, name);
    bool changed = (compiled != u->compiled
                    || strcmp(u->waiting_for, waiting_for));
    free(u->waiting_for);
    u->waiting_for = waiting_for;
    u->compiled = compiled;
    return changed;
}

static bool
update_all(struct nb_confirm *c, long long int now)
{
    struct shash_node *sn, *next;
    bool changed = false;
    const char *name;

    c->settles = LLONG_MAX;
    SHASH_FOR_EACH_SAFE (sn, next, &c->prior->unconfirmed) {
        char *ip = xstrdup(sn->name);

        if (update(c, ip, sn->data, now)) {
            sset_add(&c->changes->addresses, ip);
            changed = true;
        }
        free(ip);
    }
    if (c->prior->all_unconfirmed && c->base != NOT_ASKED
        && sb_chassis_get_northd_cfg(c->chassis) >= c->base
        && get_chassis_cfg(c, NULL, &name) >= c->base
        && has_settled(c, c->base_asked,
                       c->base_is_sure ? SETTLE_MIN : SETTLE_MAX,
                       &c->base_settles, now)) {
        c->prior->all_unconfirmed = false;
        c->changes->confirmed = changed = true;
    }
    return changed;
}

/* Notes when all have answered the newest question, and decides when there may
 * be another. */
static void
note_answer(struct nb_confirm *c, long long int now)
{
    const char *name;

    if (!c->newest || c->asking || c->answered
        || sb_chassis_get_northd_cfg(c->chassis) < c->newest) {
        return;
    }
    if (get_chassis_cfg(c, NULL, &name) >= c->newest) {
        c->answered = true;
        c->next = now + MIN(2 * (now - c->asked_at), INTERVAL_MAX);
    } else {
        c->next = MIN(c->next, c->asked_at + INTERVAL_LATE);
    }
}

bool
nb_confirm_run(struct nb_confirm *c, const struct sset *addresses,
               enum nb_confirm_role role, long long int now)
{
    bool ran = sb_chassis_run(c->chassis);
    int64_t nb_cfg = sb_chassis_get_nb_cfg(c->chassis);
    bool grew = nb_cfg > c->seen && role == c->role;
    const char *ip;

    c->seen = nb_cfg;
    if (role != c->role || nb_cfg < c->newest) {
        c->role = role;
        c->asking = c->committed = false;
        forget(c);
    }
    if (role == NB_CONFIRM_IDLE) {
        return false;
    }
    if (role == NB_CONFIRM_FOLLOW) {
        /* Whoever steers asks. */
        c->committed = nb_cfg >= 0 && (grew || c->base == NOT_ASKED);
    }
    if (c->base != NOT_ASKED || (c->committed && role == NB_CONFIRM_ASK)) {
        SSET_FOR_EACH (ip, addresses) {
            add_address(c, ip);
        }
    }
    if (c->committed) {
        take_question(c, grew || role == NB_CONFIRM_ASK, now);
    }
    note_answer(c, now);
    return ((ran || !sset_is_empty(addresses) || now >= c->settles)
            && update_all(c, now));
}

/* True if something has to be asked. */
static bool
has_question(const struct nb_confirm *c)
{
    return (c->role == NB_CONFIRM_ASK && !c->asking
            && sb_chassis_get_nb_cfg(c->chassis) >= 0
            && (c->n_not_asked || (c->base == NOT_ASKED && c->wanted)));
}

void
nb_confirm_wait(const struct nb_confirm *c)
{
    sb_chassis_wait(c->chassis);
    if (has_question(c) && c->next != LLONG_MAX) {
        poll_timer_wait_until(c->next);
    }
    if (c->settles != LLONG_MAX) {
        poll_timer_wait_until(c->settles);
    }
}

void
nb_confirm_want(struct nb_confirm *c)
{
    c->wanted = true;
}

bool
nb_confirm_is_due(const struct nb_confirm *c, long long int now)
{
    return has_question(c) && now >= c->next;
}

bool
nb_confirm_ask(struct nb_confirm *c, struct ovsdb_idl_txn *txn, bool alone,
               long long int now)
{
    if (c->role != NB_CONFIRM_ASK || c->asking || now < c->next
        || !sb_chassis_increment(c->chassis, txn, alone)) {
        return false;
    }
    COVERAGE_INC(egress_nb_cfg);
    c->asking = true;
    c->asked_at = now;
    c->next = LLONG_MAX;
    return true;
}

void
nb_confirm_asked(struct nb_confirm *c, bool success)
{
    if (c->asking) {
        c->committed = success;
        c->asking = success;
        c->next = success ? c->next : 0;
    }
}

void
nb_confirm_format(const struct nb_confirm *c, struct ds *s)
{
    const char *name;
    int64_t cfg = get_chassis_cfg(c, NULL, &name);

    ds_put_format(s, "OVN_Southbound: %s\n",
                  sb_chassis_is_connected(c->chassis) ? "connected"
                  : "not connected");
    bool compiled = sb_chassis_get_northd_cfg(c->chassis) >= c->newest;

    if (!c->newest) {
        ds_put_cstr(s, "OVN: not asked yet\n");
    } else if (!compiled || cfg < c->newest) {
        char *who = describe_late(c, compiled, name);

        ds_put_format(s, "OVN: waiting for %s\n", who);
        free(who);
    } else {
        ds_put_format(s, "OVN: up to date%s\n",
                      c->settles == LLONG_MAX ? "" : ", settling");
    }
    ds_put_format(s, "addresses on their way: %"PRIuSIZE"\n",
                  shash_count(&c->prior->unconfirmed));
}
