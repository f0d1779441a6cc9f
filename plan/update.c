/* SPDX-License-Identifier: Apache-2.0 */

/* A plan that follows its input: plan_update().
 *
 * What changed names services.  Those are planned again, with all others in
 * the ledger (ledger.h), and what comes of it is merged into the plan.  What
 * concerns no single service is planned anew with everything else:
 *
 *   - nodes, their helpers, options, topology, policies, pools, peers,
 *     advertisements, namespaces, secrets, and rows of Node_Policy;
 *   - services that newly share an address with others, or that share an
 *     endpoint or a label;
 *   - a node for which other BGPAdvertisements are than before, by a label of
 *     ours;
 *   - all, when OVN has done what was there before we asked, if some service
 *     waits for that;
 *   - all, while some selector asks for a label that we give nodes, or while
 *     there is a problem of the whole.
 *
 * Pools are allocated for all services at once, if a Service changed; the
 * services whose addresses that changes are planned too.
 *
 * What a node says of a session concerns the status of services that have a
 * prefix there; which ones is known when the session's row is written.  Those
 * are planned in a second turn. */

#include <config.h>

#include "plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/emit/emit.h"
#include "plan/run.h"
#include "plan/world/view.h"
#include "util.h"

/* So many services are planned one by one in any case; beyond it, half of all
 * of them. */
#define MIN_KEYS 8

/* After so many turns, which two are enough for, all is planned anew. */
#define MAX_TURNS 3

static bool
is_same_ingress(const struct view_ingress *a, const struct view_ingress *b)
{
    return (a && b && !memcmp(a->ips, b->ips, sizeof a->ips)
            && !strcmp(a->pool, b->pool)
            && nullable_string_is_equal(a->failure.reason, b->failure.reason)
            && nullable_string_is_equal(a->failure.message,
                                        b->failure.message));
}

/* Allocates ingress addresses, and adds to 'keys' the services to which that
 * makes a difference. */
static void
renew_ingress(struct view *v, struct sset *keys)
{
    struct shash old = SHASH_INITIALIZER(&old);
    struct shash_node *sn;

    shash_swap(&old, &v->ingress);
    plan_run_pools(v);
    SHASH_FOR_EACH (sn, &old) {
        if (!is_same_ingress(sn->data, shash_find_data(&v->ingress,
                                                       sn->name))) {
            sset_add(keys, sn->name);
        }
    }
    SHASH_FOR_EACH (sn, &v->ingress) {
        if (!shash_find(&old, sn->name)) {
            sset_add(keys, sn->name);
        }
    }
    view_destroy_ingress(&old);
}

/* Finds out which services have to be planned, and makes all else of 'v' what
 * 'changes' say. */
static void
take_changes(struct view *v, const struct plan_changes *changes,
             struct sset *keys)
{
    const char *name;

    SSET_FOR_EACH (name, &changes->services) {
        sset_add(keys, name);
    }
    SSET_FOR_EACH (name, &changes->addresses) {
        ledger_find_by_address(v->ledger, name, keys);
    }
    ledger_find_unsettled(v->ledger, keys);
    if (changes->ingress) {
        renew_ingress(v, keys);
    }
    ledger_find_sharers(v->ledger, keys);
    SSET_FOR_EACH (name, &changes->nodes) {
        ledger_touch(v->ledger, view_add_node(v, name));
    }
    if (changes->labels) {
        view_renew_labels(v);
    }
    announce_renew(v, &changes->sessions);
}

/* True if what was planned is what it would be had all been planned. */
static bool
is_valid(const struct view *v, const struct sset *keys)
{
    return (!v->ledger->clash && !v->asks_for_labels && !v->plan->problems.n
            && !ledger_labels_changed(v, keys));
}

/* Takes one turn.  Returns false if all has to be planned anew; then 'plan'
 * may be what it likes. */
static bool
take_turn(struct plan *plan, const struct plan_input *in,
          const struct plan_changes *changes)
{
    struct view *v = plan->view;
    struct sset keys = SSET_INITIALIZER(&keys);
    struct plan fresh;
    bool ok = false;

    plan_init(&fresh);
    view_set_input(v, in);
    v->plan = &fresh;
    take_changes(v, changes, &keys);
    if (sset_count(&keys) <= MIN_KEYS + hmap_count(&v->ledger->entries) / 2) {
        ledger_withdraw(v, &keys);
        plan_run(v, &keys);
        ok = is_valid(v, &keys);
    }
    if (ok) {
        plan_merge(plan, v, &fresh);
        plan->n_planned += sset_count(&keys);
    } else {
        plan_destroy(&fresh);
    }
    plan_forget(v);
    sset_destroy(&keys);
    return ok;
}

/* Takes 'changes' into 'plan', and what follows from them for the status of
 * other services.  Returns false likewise. */
static bool
update(struct plan *plan, const struct plan_input *in,
       const struct plan_changes *changes)
{
    struct announce *announce = plan->view->announce;
    bool ok;

    plan->n_planned = 0;
    ok = take_turn(plan, in, changes);
    for (int i = 1; ok && announce && !sset_is_empty(&announce->stale); i++) {
        struct plan_changes more;

        plan_changes_init(&more);
        sset_swap(&more.services, &announce->stale);
        ok = i < MAX_TURNS && take_turn(plan, in, &more);
        plan_changes_destroy(&more);
    }
    return ok;
}

bool
plan_update(struct plan *plan, const struct plan_input *in,
            const struct plan_changes *changes)
{
    if (!changes->all && !(changes->confirmed && plan->waits_for_ovn)
        && !plan->problems.n && !plan->view->asks_for_labels
        && update(plan, in, changes)) {
        return true;
    }
    plan_destroy(plan);
    plan_build(in, plan);
    return false;
}

void
plan_verify(const struct plan *plan, const struct plan_input *in,
            struct ds *s)
{
    struct plan whole;

    plan_build(in, &whole);
    plan_rows_format_diff(&plan->nb, &whole.nb, s);
    plan_rows_format_diff(&plan->work, &whole.work, s);
    plan_format_status_diff(plan, &whole, s);
    plan_destroy(&whole);
}
