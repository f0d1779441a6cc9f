/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test plan DIR": runs the script DIR/script and prints what the
 * planner decides.  Lines of a script:
 *
 *   # COMMENT              printed, like every other line
 *   load FILE              the world from JSON: see plan-world-json.c
 *   apply FILE             manifests
 *   json, yaml             the same, from the lines that follow, up to "."
 *   delete KIND NAME       an object
 *   option KEY=VALUE
 *   refuse KIND NAME TEXT...        its newest version has an error
 *   helper NODE alive|dead
 *   show                   plan, print all of it, carry it out
 *   diff                   plan, print the difference to before, carry it out
 *   status                 plan, print the status of all, carry it out
 *   brief                  plan, print who serves and steers, carry it out
 *   announced              plan, print who announces what, carry it out
 *   rest                   quiet, then brief
 *   work-only, nb-only     the same, but carry out only one half
 *   ack [NODE [NAME]]      nodes acknowledge their rows
 *   error NODE NAME TEXT...         or fail
 *   session NODE PEER STATE [mute]  a BGP session becomes "Established", ...
 *   ovn slow|fast          OVN takes in nothing by itself from now on, or all
 *   ovn northd|all         now it does: ovn-northd, or the chassis too
 *   restart                another agent takes over, and has not asked OVN
 *   settle                 plan, acknowledge, until nothing changes; print the
 *                          differences
 *   quiet                  the same without printing
 *   check                  what plan_check() says */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "plan/plan.h"
#include "tests/egress-test.h"
#include "tests/plan-world.h"
#include "util.h"

/* A plan must settle within so many rounds of acknowledgements. */
#define MAX_ROUNDS 16

enum print {
    PRINT_NOTHING, PRINT_DIFF, PRINT_BRIEF, PRINT_ANNOUNCED, PRINT_STATUS,
    PRINT_ALL
};

/* Prints the values of a set of strings. */
static void
print_set(const struct plan_row *row, const char *column)
{
    const struct plan_column *c = plan_row_get(row, column);

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        printf(" %s", json_string(c->datum.keys[i].s));
    }
}

static void
print_brief_status(const struct plan_status *st)
{
    const char *host = smap_get_def(&st->status, "host", "");

    printf("%s: host \"%s\"", st->id, host);
    for (size_t i = 0; i < st->n_conditions; i++) {
        const struct plan_condition *c = &st->conditions[i];
        if (!strcmp(c->type, "Ready")
            || (!strcmp(c->type, "Conflicted") && c->status[0] == 'T')) {
            printf(", %s=%s %s%s%s", c->type, c->status, c->reason,
                   *c->message ? ": " : "", c->message);
        }
    }
    putchar('\n');
}

/* Prints what matters most: hosts, states, steering, labels. */
static void
print_brief(const struct plan *plan)
{
    const struct shash_node **sorted = shash_sort(&plan->status);

    for (size_t i = 0; i < shash_count(&plan->status); i++) {
        const struct plan_status *st = sorted[i]->data;
        if (st->kind == INTENT_EGRESS_SERVICE) {
            print_brief_status(st);
        }
    }
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];
        if (!strcmp(row->table, "Node_Service")) {
            printf("  %s: %s %s,", row->key, plan_row_string(row, "role", ""),
                   plan_row_string(row, "state", ""));
            print_set(row, "endpoints");
            printf(" as");
            print_set(row, "source_ips");
            putchar('\n');
        }
    }
    for (size_t i = 0; i < plan->nb.n; i++) {
        const struct plan_row *row = plan->nb.rows[i];
        if (!strcmp(row->table, "Address_Set")) {
            printf("  set %s:", row->key);
            print_set(row, "addresses");
            putchar('\n');
        } else if (!strcmp(row->table, "Logical_Router_Policy")
                   && plan_row_get(row, "nexthops")->datum.n) {
            printf("  %s: %s to", plan_row_string(row, "match", ""),
                   plan_row_string(row, "action", ""));
            print_set(row, "nexthops");
            putchar('\n');
        } else if (!strcmp(row->table, "NAT")) {
            printf("  NAT %s to %s\n", row->key,
                   plan_row_string(row, "external_ip", ""));
        }
    }
    for (size_t i = 0; i < shash_count(&plan->status); i++) {
        const struct plan_status *st = sorted[i]->data;
        const struct smap_node **nodes = smap_sort(&st->status);
        for (size_t j = 0; j < smap_count(&st->status); j++) {
            if (!strncmp(nodes[j]->key, "label:", 6)) {
                printf("  %s has %s\n", st->id, nodes[j]->key);
            }
        }
        free(nodes);
    }
    free(sorted);
    for (size_t i = 0; i < plan->problems.n; i++) {
        char *s = intent_problem_to_string(&plan->problems.items[i]);
        puts(s);
        free(s);
    }
}

/* Prints what each node announces to each peer. */
static void
print_announced(const struct plan *plan)
{
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];
        const struct plan_column *c
            = (!strcmp(row->table, "Node_Peer")
               ? plan_row_get(row, "announcements") : NULL);

        for (unsigned int j = 0; c && j < c->datum.n; j++) {
            const char *words = json_string(c->datum.values[j].s);

            printf("  %s: %s%s%s\n", row->key,
                   json_string(c->datum.keys[j].s), *words ? " " : "", words);
        }
    }
}

/* Plans, twice to see that the result is the same, and once more step by step;
 * prints it, and carries out the parts that are asked for.  Returns true if
 * anything changed. */
static bool
plan_once(struct world *w, enum print print, bool work, bool nb)
{
    struct ds diff = DS_EMPTY_INITIALIZER;
    struct ds text = DS_EMPTY_INITIALIZER;
    struct ds again = DS_EMPTY_INITIALIZER;
    struct plan plan;

    world_plan(w, &plan);
    plan_format(&plan, &again);
    plan_destroy(&plan);

    world_plan(w, &plan);
    plan_format(&plan, &text);
    ovs_assert(!strcmp(ds_cstr(&text), ds_cstr(&again)));
    ds_clear(&again);
    world_update(w, &again);
    if (again.length) {
        ovs_fatal(0, "planned step by step it differs:\n%s",
                  ds_cstr(&again));
    }
    world_format_diff(w, &plan, &diff);
    if (print == PRINT_ALL) {
        fputs(ds_cstr(&text), stdout);
    } else if (print == PRINT_STATUS) {
        *strstr(ds_cstr(&text), "== Effective") = '\0';
        fputs(strstr(ds_cstr(&text), "== Status") + 10, stdout);
    } else if (print == PRINT_BRIEF) {
        print_brief(&plan);
    } else if (print == PRINT_ANNOUNCED) {
        print_announced(&plan);
    } else if (print == PRINT_DIFF) {
        fputs(ds_cstr(&diff), stdout);
    }
    bool changed = diff.length > 0;
    if (nb) {
        world_publish_nb(w, &plan);
    }
    if (work) {
        world_publish_work(w, &plan);
    }
    plan_destroy(&plan);
    ds_destroy(&again);
    ds_destroy(&text);
    ds_destroy(&diff);
    return changed;
}

static void
settle(struct world *w, enum print print)
{
    for (int i = 0; i < MAX_ROUNDS; i++) {
        bool changed = plan_once(w, print, true, true);
        size_t n = world_ack(w, "", "", NULL);

        if (!changed && !n) {
            return;
        } else if (print != PRINT_NOTHING) {
            puts("--");
        }
    }
    ovs_fatal(0, "the plan does not settle");
}

static void
check(struct world *w)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct plan plan;

    world_plan(w, &plan);
    plan_destroy(&plan);

    const struct plan_input in = {
        .options = &w->parsed, .objs = w->objs, .n_objs = w->list.n,
        .nb = &w->nb,
    };
    plan_check(&in, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        char *s = intent_problem_to_string(&problems.items[i]);
        puts(s);
        free(s);
    }
    intent_problems_destroy(&problems);
}

/* Changes the world as the line with words 'w1' to 'w3' and the rest says. */
static void
change(struct world *w, const char *verb, char *a, char *b, char *rest)
{
    char *id = xasprintf("%s %s", a, b);

    if (!strcmp(verb, "load")) {
        world_load(w, a);
    } else if (!strcmp(verb, "apply")) {
        world_apply_file(w, a);
    } else if (!strcmp(verb, "delete")) {
        if (!world_delete(w, id)) {
            ovs_fatal(0, "there is no %s", id);
        }
    } else if (!strcmp(verb, "option")) {
        char *value = strchr(a, '=');
        *value++ = '\0';
        smap_replace(&w->options, a, value);
        w->changes.all = true;
    } else if (!strcmp(verb, "refuse")) {
        w->changes.all = true;
        smap_replace(&w->refused, id, rest);
    } else if (!strcmp(verb, "helper")) {
        world_helper(w, a)->alive = !strcmp(b, "alive");
    } else if (!strcmp(verb, "ovn")) {
        if (!strcmp(a, "slow") || !strcmp(a, "fast")) {
            w->ovn_is_slow = !strcmp(a, "slow");
        } else {
            world_run_ovn(w, !strcmp(a, "all"));
            w->changes.confirmed |= w->prior.all_unconfirmed;
            w->prior.all_unconfirmed = false;
        }
    } else if (!strcmp(verb, "restart")) {
        /* Another agent, which has not asked OVN yet. */
        world_run_ovn(w, true);
        w->prior.all_unconfirmed = w->changes.all = true;
    } else if (!strcmp(verb, "ack")) {
        world_ack(w, a, b, NULL);
    } else if (!strcmp(verb, "error")) {
        world_ack(w, a, b, rest);
    } else if (!strcmp(verb, "session")) {
        if (!world_session(w, a, b, rest)) {
            ovs_fatal(0, "there is no Node_Peer %s", id);
        }
    } else {
        ovs_fatal(0, "%s: not a word of the script", verb);
    }
    free(id);
}

/* Reads the lines of 'script' up to one with a period alone, and changes the
 * world as they say. */
static void
run_block(struct world *w, bool json, FILE *script)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct ds text = DS_EMPTY_INITIALIZER;

    while (!ds_get_line(&line, script) && strcmp(ds_cstr(&line), ".")) {
        ds_put_format(&text, "%s\n", ds_cstr(&line));
    }
    if (json) {
        world_load_json(w, json_from_string(ds_cstr(&text)), "script");
    } else {
        world_apply_text(w, ds_cstr(&text), "script");
    }
    ds_destroy(&text);
    ds_destroy(&line);
}

static void
run_line(struct world *w, char *line, FILE *script)
{
    static char empty[1];
    char *save = NULL;
    char *verb = strtok_r(line, " ", &save);
    char *a = strtok_r(NULL, " ", &save);
    char *b = strtok_r(NULL, " ", &save);

    if (!strcmp(verb, "json") || !strcmp(verb, "yaml")) {
        run_block(w, verb[0] == 'j', script);
    } else if (!strcmp(verb, "show")) {
        plan_once(w, PRINT_ALL, true, true);
    } else if (!strcmp(verb, "diff")) {
        plan_once(w, PRINT_DIFF, true, true);
    } else if (!strcmp(verb, "status")) {
        plan_once(w, PRINT_STATUS, true, true);
    } else if (!strcmp(verb, "brief")) {
        plan_once(w, PRINT_BRIEF, true, true);
    } else if (!strcmp(verb, "announced")) {
        plan_once(w, PRINT_ANNOUNCED, true, true);
    } else if (!strcmp(verb, "rest")) {
        settle(w, PRINT_NOTHING);
        plan_once(w, PRINT_BRIEF, true, true);
    } else if (!strcmp(verb, "work-only")) {
        plan_once(w, PRINT_DIFF, true, false);
    } else if (!strcmp(verb, "nb-only")) {
        plan_once(w, PRINT_DIFF, false, true);
    } else if (!strcmp(verb, "settle")) {
        settle(w, PRINT_DIFF);
    } else if (!strcmp(verb, "quiet")) {
        settle(w, PRINT_NOTHING);
    } else if (!strcmp(verb, "check")) {
        check(w);
    } else {
        change(w, verb, a ? a : empty, b ? b : empty, save ? save : empty);
    }
}

static void
test_plan(struct ovs_cmdl_context *ctx)
{
    struct ds line = DS_EMPTY_INITIALIZER;
    struct world w;

    if (chdir(ctx->argv[1])) {
        ovs_fatal(errno, "%s: chdir failed", ctx->argv[1]);
    }
    FILE *script = fopen("script", "r");
    if (!script) {
        ovs_fatal(errno, "%s/script: open failed", ctx->argv[1]);
    }
    world_init(&w);
    while (!ds_get_line(&line, script)) {
        if (line.length) {
            printf("> %s\n", ds_cstr(&line));
            if (ds_cstr(&line)[0] != '#') {
                run_line(&w, ds_cstr(&line), script);
            }
        }
    }
    world_destroy(&w);
    fclose(script);
    ds_destroy(&line);
}

EGRESS_TEST("plan", "DIR", 1, 1, test_plan)
