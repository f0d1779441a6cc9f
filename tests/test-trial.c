/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of node/trial.c: which texts of policies are in force, without a
 * kernel.  Events as arguments, what is in force after each as output:
 *
 *   rows [NAME=TEXT...]    OVN_Egress has these policies, and no others
 *   passes, fails          what was tried is applied, and may stay or not
 *   restart                another helper takes over */

#include <config.h>
#include "tests/egress-test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/state.h"
#include "node/trial.h"
#include "smap.h"
#include "svec.h"

#define PROTOCOL 69

static void
show(const struct trial *t)
{
    struct smap all = SMAP_INITIALIZER(&all);
    char *kept = trial_describe_kept(t);

    trial_list(t, &all);
    const struct smap_node **nodes = smap_sort(&all);
    for (size_t i = 0; i < smap_count(&all); i++) {
        const char *name = nodes[i]->key;
        const char *why;
        const char *text = trial_get(t, name, &why);

        printf("  %s: %s%s%s%s\n", name, text ? text : "nothing",
               trial_is_on(t, name) ? ", on trial" : "",
               why ? ", " : "", why ? why : "");
    }
    if (*kept) {
        printf("  kept: %s\n", kept);
    }
    free(kept);
    free(nodes);
    smap_destroy(&all);
}

/* Tells 't' of the policies 'rows', "NAME=TEXT" each. */
static void
select_rows(struct trial *t, const struct svec *rows)
{
    struct trial_policy *policies = xcalloc(rows->n + 1, sizeof *policies);
    struct svec copy = SVEC_EMPTY_INITIALIZER;

    svec_clone(&copy, rows);
    for (size_t i = 0; i < copy.n; i++) {
        char *text = strchr(copy.names[i], '=');

        if (!text) {
            ovs_fatal(0, "%s is not NAME=TEXT", copy.names[i]);
        }
        *text++ = '\0';
        policies[i] = (struct trial_policy) { copy.names[i], "", text };
    }
    trial_select(t, policies, copy.n);
    svec_destroy(&copy);
    free(policies);
}

/* Nothing was read of the kernel, so nothing is restored; and nothing can have
 * been lost but OVN_Egress. */
static void
end(struct trial *t, bool passes)
{
    if (trial_applied(t, true, 0)) {
        trial_run(t, NULL, passes, 0);
    }
}

static void
test_trial(struct ovs_cmdl_context *ctx)
{
    struct svec rows = SVEC_EMPTY_INITIALIZER;

    state_init("test");
    struct trial *t = trial_create(PROTOCOL, 0);
    for (int i = 1; i < ctx->argc; i++) {
        const char *word = ctx->argv[i];

        printf("%s", word);
        if (!strcmp(word, "rows")) {
            svec_clear(&rows);
            while (i + 1 < ctx->argc && strchr(ctx->argv[i + 1], '=')) {
                printf(" %s", ctx->argv[++i]);
                svec_add(&rows, ctx->argv[i]);
            }
        } else if (!strcmp(word, "restart")) {
            trial_destroy(t);
            t = trial_create(PROTOCOL, 0);
        } else {
            end(t, !strcmp(word, "passes"));
        }
        printf("\n");
        select_rows(t, &rows);
        show(t);
    }
    trial_destroy(t);
    state_destroy();
    svec_destroy(&rows);
}

EGRESS_TEST("trial", "EVENT...", 1, INT_MAX, test_trial)
