/* SPDX-License-Identifier: Apache-2.0 */

/* A step of a trace: whether the address is in the Address_Set that it should
 * be in, and in no other.  What should be is what the plan says; if it says
 * nothing, the conditions say why.  See trace-build.h. */

#include <config.h>

#include "plan/trace/trace-build.h"

#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

/* What may be wrong if the rows are not as planned. */
static void
add_hint(const struct tracing *tc, struct ds *s)
{
    const char *hold = tc->tr->in->hold;

    ds_put_format(s, ": ovn-egress-agent %s%s%s",
                  hold ? "writes nothing (" : "has not written that (yet; "
                  "does it run?)", hold ? hold : "", hold ? ")" : "");
}

static const char *
owner_of(const struct plan_row *row)
{
    const char *node = row ? plan_row_id(row, "node", "") : "";

    return *node ? node : "no node";
}

/* Adds a line for each of our sets that has the address.  Returns true if that
 * is 'planned' (NULL: none) and nothing else. */
static void
look_at_sets(struct tracing *tc, const char *planned)
{
    const struct plan_rows *rows = tc->tr->in->nb;
    bool there = false;

    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *row = rows->rows[i];
        bool right = planned && !strcmp(row->key, planned);

        if (strcmp(row->table, "Address_Set")
            || !plan_row_has(row, "addresses", tc->src)) {
            continue;
        }
        there |= right;
        if (right) {
            trace_ok(tc, "%s is in %s, of %s, where it should be", tc->src,
                     row->key, owner_of(row));
        } else {
            const struct plan_row *want = (planned ? plan_rows_find(
                &tc->tr->in->plan->nb, "Address_Set", planned) : NULL);
            struct ds hint = DS_EMPTY_INITIALIZER;

            add_hint(tc, &hint);
            trace_bad(tc, "WrongSet", "%s is in the address set %s, of %s, "
                      "and should be in %s%s%s%s", tc->src, row->key,
                      owner_of(row), planned ? planned : "none",
                      planned ? ", of " : "",
                      planned ? owner_of(want) : "", ds_cstr(&hint));
            ds_destroy(&hint);
        }
    }
    if (planned && !there
        && plan_rows_find(&tc->tr->in->plan->nb, "Address_Set", planned)) {
        struct ds hint = DS_EMPTY_INITIALIZER;

        add_hint(tc, &hint);
        trace_bad(tc, "NotInSet", "%s is not in the address set %s, where it "
                  "should be%s", tc->src, planned, ds_cstr(&hint));
        ds_destroy(&hint);
    }
}

/* The address is where it should be, but there is no policy for it. */
static void
look_for_policy(struct tracing *tc, const char *planned)
{
    const struct plan_rows *want = &tc->tr->in->plan->nb;
    bool ours = tc->winner && tc->winner->ours;

    if (ours || (tc->winner && !tc->winner->ours)) {
        return;
    }
    for (size_t i = 0; i < want->n; i++) {
        const struct plan_row *row = want->rows[i];
        const char *match = plan_row_string(row, "match", "");
        const char *dollar = strchr(match, '$');
        bool meant = (!strcmp(row->key, planned)
                      || (dollar && !strcmp(dollar + 1, planned)));

        if (!strcmp(row->table, "Logical_Router_Policy") && meant
            && !plan_rows_find(tc->tr->in->nb, row->table, row->key)) {
            struct ds hint = DS_EMPTY_INITIALIZER;

            add_hint(tc, &hint);
            trace_bad(tc, "NoPolicy", "there is no policy %s%s", row->key,
                      ds_cstr(&hint));
            ds_destroy(&hint);
            return;
        }
    }
}

/* Says why the plan steers nothing: the condition of the service. */
static void
explain_unsteered(struct tracing *tc)
{
    static const char *const types[] = {
        "Accepted", "IngressAllocated", "HostSelected", "HostProgrammed",
        "Steered",
    };

    if (tc->e->foreign) {
        trace_bad(tc, "ForeignPolicy", "another owner's policy 101 steers "
                  "%s: EgressService %s leaves it alone", tc->src,
                  tc->s->key);
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        const struct plan_condition *c = trace_condition(tc, tc->s, types[i]);

        if (c && strcmp(c->status, "True")) {
            trace_bad(tc, c->reason, "EgressService %s is not ready: %s is %s,"
                      " %s%s%s", tc->s->key, c->type, c->status, c->reason,
                      *c->message ? ": " : "", c->message);
            return;
        }
    }
    trace_bad(tc, "Pending", "no node is ready for %s (yet)", tc->src);
}

void
trace_sets(struct tracing *tc)
{
    const char *planned = smap_get(&tc->tr->planned, tc->src);

    tc->section = "Address sets";
    if (tc->pod_node && !tc->pod_node->local) {
        return;
    }
    look_at_sets(tc, planned);
    if (!tc->claimed || tc->s->by_network || tc->way == WAY_INSIDE) {
        return;
    }

    const struct plan_row *row = (planned ? plan_rows_find(
        &tc->tr->in->plan->nb, "Address_Set", planned) : NULL);
    if (planned) {
        look_for_policy(tc, planned);
    }
    if (!planned || (row && !*plan_row_id(row, "node", ""))) {
        explain_unsteered(tc);
    }
}
