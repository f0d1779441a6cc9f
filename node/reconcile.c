/* SPDX-License-Identifier: Apache-2.0 */

/* The reconciler: see reconcile.h. */

#include <config.h>

#include "node/reconcile.h"

#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "hash.h"
#include "node/facts.h"
#include "node/hold.h"
#include "node/kind.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "plan/machine/machine-chain.h"
#include "plan/machine/machine-link.h"
#include "plan/machine/machine-route.h"
#include "plan/machine/machine-rule.h"
#include "plan/machine/machine-set.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(reconcile);
COVERAGE_DEFINE(reconcile_run);
COVERAGE_DEFINE(reconcile_insert);
COVERAGE_DEFINE(reconcile_modify);
COVERAGE_DEFINE(reconcile_delete);

/* Most changes need one round; what the kernel takes away while something else
 * is changed (addresses and routes of a port that moves) needs more. */
#define MAX_ROUNDS 6

/* Classes in the order in which their objects are added; removal goes
 * backward.  A packet must find its way before it is given the mark or the
 * address that goes with it, whether the way was by mark or by address before.
 * If that it is given them cannot be changed, some of the ways wait
 * (node/hold.h). */
static const struct step {
    const struct kind *kind;
    const struct machine_class *classes[2];
    bool of_policies;           /* Policies want such objects. */
    bool behind_guard;          /* All of it waits for the guard. */
} steps[] = {
    { &kind_sysctl, { &machine_class_sysctl }, true, false },
    { &kind_link, { &machine_class_vrf }, true, false },
    { &kind_link, { &machine_class_port }, true, false },
    { &kind_link, { &machine_class_link }, true, false },
    { &kind_address, { &machine_class_address }, true, false },
    { &kind_route, { &machine_class_route }, true, false },
    { &kind_rule, { &machine_class_rule }, true, false },
    { &kind_rule, { &machine_class_source_rule }, false, false },
    { &kind_nft, { &machine_class_nft, &machine_class_nft_map }, false,
      false },
    { &kind_conntrack, { &machine_class_conntrack }, false, true },
};

/* Each kind once. */
static const struct kind *const kinds[] = {
    &kind_link,                 /* Opens the socket of the others. */
    &kind_sysctl,
    &kind_address,
    &kind_route,
    &kind_rule,
    &kind_nft,
    &kind_conntrack,
};

/* What is wanted, by facts that were read. */
struct decision {
    struct machine_facts facts;
    struct machine_input in;       /* With these facts. */
    struct machine machine;
};

/* One comparison of the kernel with what is wanted. */
struct comparison {
    struct decision *decision;
    struct kind_view view;
    struct machine_objects have;        /* Sorted. */
    struct smap errors;         /* What could not be read. */
    bool blind;                 /* So that 'have' means nothing. */
    bool failed[ARRAY_SIZE(kinds)];     /* This kind could not be read. */
    struct machine_change *changes;     /* Sorted. */
    size_t n_changes, allocated_changes;
    bool guarded;               /* What of the guard was to be changed, was. */
};

void
reconcile_result_destroy(struct reconcile_result *result)
{
    if (result) {
        smap_destroy(&result->errors);
        smap_destroy(&result->warnings);
        svec_destroy(&result->service_errors);
        svec_destroy(&result->policy_errors);
        free(result);
    }
}

char *
reconcile_init(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        char *error = kinds[i]->init ? kinds[i]->init() : NULL;

        if (error) {
            return error;
        }
    }
    return NULL;
}

void
reconcile_destroy(void)
{
    for (size_t i = ARRAY_SIZE(kinds); i-- > 0; ) {
        if (kinds[i]->destroy) {
            kinds[i]->destroy();
        }
    }
}

bool
reconcile_kernel_changed(void)
{
    bool changed = false;

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i]->run && kinds[i]->run()) {
            changed = true;
        }
    }
    return changed;
}

void
reconcile_wait(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i]->wait) {
            kinds[i]->wait();
        }
    }
}

/* Comparing. */

static const struct step *
find_step(const struct machine_change *change)
{
    const struct machine_class *class = machine_change_object(change)->class;

    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(steps[i].classes); j++) {
            if (steps[i].classes[j] == class) {
                return &steps[i];
            }
        }
    }
    OVS_NOT_REACHED();
}

static bool
kind_has_failed(const struct comparison *c, const struct kind *kind)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i] == kind) {
            return c->failed[i];
        }
    }
    OVS_NOT_REACHED();
}

/* True if what guards could not be read. */
static bool
guard_has_failed(const struct comparison *c)
{
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        if (kinds[i]->is_guard && c->failed[i]) {
            return true;
        }
    }
    return false;
}

/* Keeps one of two objects in the same place: ours, or the first. */
static struct machine_object *
choose_ours(struct machine_object *first, struct machine_object *second,
            void *protocol_)
{
    const uint8_t *protocol = protocol_;

    return second->protocol == *protocol ? second : first;
}

/* Keeps 'change' if it is one that we may make. */
static void
collect_change(const struct machine_change *change, void *c_)
{
    struct comparison *c = c_;
    const struct step *step = find_step(change);

    if (kind_has_failed(c, step->kind)
        || (change->type == PLAN_DELETE && step->of_policies
            && c->decision->machine.incomplete)) {
        return;
    }
    if (c->n_changes >= c->allocated_changes) {
        c->changes = x2nrealloc(c->changes, &c->allocated_changes,
                                sizeof *c->changes);
    }
    c->changes[c->n_changes++] = *change;
}

static void
decision_destroy(struct decision *d)
{
    if (d) {
        machine_destroy(&d->machine);
        machine_facts_destroy(&d->facts);
        free(d);
    }
}

static char *
read_facts(const struct machine_options *options, uint8_t protocol,
           struct machine_facts *facts)
{
    char *error = facts_read(options, facts);

    error = error ? error : facts_read_rules(protocol, facts);
    for (size_t i = 0; i < ARRAY_SIZE(kinds) && !error; i++) {
        error = kinds[i]->add_facts ? kinds[i]->add_facts(facts) : NULL;
    }
    return error;
}

/* Reads the facts and decides.  'in' may lack the facts.  'last', which this
 * takes, is a decision about the same input, or NULL.  Returns NULL, with
 * '*error' set, if the facts cannot be read. */
static struct decision *
decide(const struct machine_input *in, uint8_t protocol, struct decision *last,
       char **error)
{
    struct decision *d = xzalloc(sizeof *d);

    *error = read_facts(in->options, protocol, &d->facts);
    if (last && !*error && machine_facts_equal(&last->facts, &d->facts)) {
        struct machine_facts facts = last->facts;

        last->facts = d->facts;
        d->facts = facts;
        machine_init(&d->machine);
        decision_destroy(d);
        return last;
    }
    d->in = *in;
    d->in.facts = &d->facts;
    if (*error) {
        machine_init(&d->machine);
    } else {
        machine_build(&d->in, &d->machine);
    }
    decision_destroy(last);
    return d;
}

/* Decides, reads and compares.  'last' is as for decide(). */
static void
compare(const struct machine_input *in, uint8_t protocol,
        struct decision *last, struct comparison *c)
{
    char *error;

    memset(c, 0, sizeof *c);
    smap_init(&c->errors);
    machine_objects_init(&c->have);
    c->decision = decide(in, protocol, last, &error);
    if (error) {
        machine_error(&c->errors, "", "%s", error);
        free(error);
        c->blind = true;
    }
    c->view = (struct kind_view) { &c->decision->machine, protocol };
    for (size_t i = 0; i < ARRAY_SIZE(kinds) && !c->blind; i++) {
        error = kinds[i]->observe(&c->view, &c->have);
        if (error) {
            VLOG_WARN("reading the kernel's %s: %s", kinds[i]->name, error);
            machine_error(&c->errors, (kinds[i]->of_services
                                       ? MACHINE_ALL_SERVICES : ""),
                          "reading the kernel's %s: %s", kinds[i]->name,
                          error);
            free(error);
            c->failed[i] = true;
        }
    }
    if (!c->blind) {
        machine_objects_sort(&c->have);
        machine_objects_merge(&c->have, choose_ours, &protocol);
        machine_objects_diff(&c->have, &c->decision->machine.want,
                             collect_change, c);
    }
}

/* Returns the decision, for another comparison. */
static struct decision *
comparison_destroy(struct comparison *c)
{
    free(c->changes);
    smap_destroy(&c->errors);
    machine_objects_destroy(&c->have);
    return c->decision;
}

/* A number that is the same for the same changes. */
static uint32_t
hash_changes(const struct comparison *c)
{
    uint32_t hash = c->n_changes;

    for (size_t i = 0; i < c->n_changes; i++) {
        char *name = machine_object_name(
            machine_change_object(&c->changes[i]), false);

        hash = hash_string(name, hash_add(hash, c->changes[i].type));
        free(name);
    }
    return hash;
}

/* Applying. */

static void
count_change(const struct machine_change *change)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    switch (change->type) {
    case PLAN_INSERT:
        COVERAGE_INC(reconcile_insert);
        break;
    case PLAN_MODIFY:
        COVERAGE_INC(reconcile_modify);
        break;
    case PLAN_DELETE:
        COVERAGE_INC(reconcile_delete);
        break;
    default:
        OVS_NOT_REACHED();
    }
    if (VLOG_IS_DBG_ENABLED()) {
        machine_change_format(change, &s);
        VLOG_DBG("%s", ds_cstr(&s));
    }
    ds_destroy(&s);
}

/* Adds 'from' to 'to'. */
static void
add_errors(const struct smap *from, struct smap *to)
{
    struct smap_node *node;

    SMAP_FOR_EACH (node, from) {
        machine_error(to, node->key, "%s", node->value);
    }
}

/* The changes of one pass over the steps. */
enum pass {
    BEFORE_GUARD,               /* Forward. */
    BEHIND_GUARD,               /* Forward, if the guard is as wanted. */
    DELETIONS,                  /* Backward. */
};

static enum pass
get_pass(const struct comparison *c, const struct machine_change *change)
{
    if (change->type == PLAN_DELETE) {
        return DELETIONS;
    }
    return (find_step(change)->behind_guard
            || hold_is_new_way(change, guard_has_failed(c) ? NULL : &c->have)
            ? BEHIND_GUARD : BEFORE_GUARD);
}

/* True if 'change' waits until the guard is as wanted. */
static bool
is_held(const struct comparison *c, const struct machine_change *change)
{
    return (!c->guarded
            && (change->type == PLAN_DELETE ? hold_is_former_way(change)
                : get_pass(c, change) == BEHIND_GUARD));
}

/* Applies the changes of 'step' that belong to 'pass'. */
static void
apply_step(struct comparison *c, const struct step *step, enum pass pass,
           struct smap *errors)
{
    struct machine_change *changes = xmalloc(c->n_changes * sizeof *changes);
    struct smap failures = SMAP_INITIALIZER(&failures);
    size_t n = 0;

    for (size_t i = 0; i < c->n_changes; i++) {
        const struct machine_change *change = &c->changes[i];

        if (find_step(change) == step
            && get_pass(c, change) == pass && !is_held(c, change)) {
            changes[n++] = *change;
            count_change(change);
        }
    }
    if (n) {
        step->kind->apply(&c->view, changes, n, &failures);
    }
    if (step->kind->is_guard && pass == BEFORE_GUARD
        && !smap_is_empty(&failures)) {
        c->guarded = false;
    }
    add_errors(&failures, errors);
    smap_destroy(&failures);
    free(changes);
}

/* Returns false if some changes were held. */
static bool
apply(struct comparison *c, struct smap *errors)
{
    c->guarded = !guard_has_failed(c);
    for (enum pass pass = BEFORE_GUARD; pass <= BEHIND_GUARD; pass++) {
        for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
            apply_step(c, &steps[i], pass, errors);
        }
    }
    for (size_t i = ARRAY_SIZE(steps); i-- > 0; ) {
        apply_step(c, &steps[i], DELETIONS, errors);
    }
    return c->guarded;
}

/* Adds an error for each change that is still to be made.  Unless 'guarded',
 * some were held for the sake of services: policies have no part in that. */
static void
add_remaining(const struct comparison *c, bool guarded, struct smap *errors)
{
    for (size_t i = 0; i < c->n_changes; i++) {
        const struct machine_object *object
            = machine_change_object(&c->changes[i]);
        char *name = machine_object_name(object, true);
        char *message = xasprintf("%s is not as wanted", name);

        if (c->changes[i].type == PLAN_DELETE) {
            bool held = !guarded && hold_is_former_way(&c->changes[i]);

            machine_error(errors, held ? MACHINE_ALL_SERVICES : "",
                          "%s is left over", name);
        } else {
            machine_object_error(errors, object, message);
        }
        free(message);
        free(name);
    }
}

/* Sorts the errors by services and policies, while the facts are at hand. */
static void
collect_answers(const struct machine_input *in,
                struct reconcile_result *result)
{
    for (size_t i = 0; i < in->n_services; i++) {
        svec_add_nocopy(&result->service_errors,
                        machine_service_errors(in, &result->errors,
                                               &in->services[i]));
    }
    for (size_t i = 0; i < in->n_policies; i++) {
        svec_add_nocopy(&result->policy_errors,
                        machine_policy_errors(&result->errors,
                                              &in->policies[i]));
    }
}

struct reconcile_result *
reconcile_run(const struct machine_input *in, uint8_t protocol)
{
    struct reconcile_result *result = xzalloc(sizeof *result);
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct decision *decision = NULL;
    struct comparison c;
    uint32_t last_hash = 0;
    bool guarded = true;

    COVERAGE_INC(reconcile_run);
    smap_init(&result->errors);
    smap_init(&result->warnings);
    svec_init(&result->service_errors);
    svec_init(&result->policy_errors);

    for (;;) {
        compare(in, protocol, decision, &c);

        uint32_t hash = hash_changes(&c);
        if (!c.n_changes || result->n_rounds >= MAX_ROUNDS
            || (result->n_rounds && hash == last_hash)) {
            break;
        }
        last_hash = hash;

        smap_clear(&errors);
        guarded = apply(&c, &errors);
        result->n_changes += c.n_changes;
        result->n_rounds++;
        decision = comparison_destroy(&c);
    }

    if (c.n_changes) {
        add_errors(&errors, &result->errors);   /* These say why. */
        add_remaining(&c, guarded, &result->errors);
    }
    add_errors(&c.errors, &result->errors);
    add_errors(&c.decision->machine.errors, &result->errors);
    if (!c.blind) {
        machine_check(&c.decision->in, &result->errors, &result->warnings);
    }
    result->matches = !c.n_changes && smap_is_empty(&c.errors);
    collect_answers(&c.decision->in, result);
    decision_destroy(comparison_destroy(&c));
    smap_destroy(&errors);
    return result;
}

/* Showing. */

void
reconcile_format_problems(const char *what, const struct smap *errors,
                          struct ds *s)
{
    const struct smap_node **nodes = smap_sort(errors);

    for (size_t i = 0; i < smap_count(errors); i++) {
        ds_put_format(s, "%s: %s%s%s\n", what, nodes[i]->key,
                      nodes[i]->key[0] ? ": " : "", nodes[i]->value);
    }
    free(nodes);
}

static void
format_errors(const struct smap *errors, struct ds *s)
{
    reconcile_format_problems("error", errors, s);
}

void
reconcile_format_diff(const struct machine_input *in, uint8_t protocol,
                      struct ds *s)
{
    struct comparison c;

    compare(in, protocol, NULL, &c);
    format_errors(&c.errors, s);
    format_errors(&c.decision->machine.errors, s);
    for (size_t i = 0; i < c.n_changes; i++) {
        machine_change_format(&c.changes[i], s);
    }
    decision_destroy(comparison_destroy(&c));
}

void
reconcile_format_wanted(const struct machine_input *in, uint8_t protocol,
                        struct ds *s)
{
    struct machine_facts facts;
    struct smap warnings = SMAP_INITIALIZER(&warnings);
    struct machine_input with_facts = *in;
    struct machine machine;

    char *error = read_facts(in->options, protocol, &facts);
    if (error) {
        ds_put_format(s, "error: %s\n", error);
        free(error);
    } else {
        with_facts.facts = &facts;
        machine_build(&with_facts, &machine);
        machine_check(&with_facts, &machine.errors, &warnings);
        format_errors(&machine.errors, s);
        reconcile_format_problems("warning", &warnings, s);
        for (size_t i = 0; i < machine.want.n; i++) {
            machine_object_format(machine.want.items[i], s);
        }
        machine_destroy(&machine);
    }
    machine_facts_destroy(&facts);
    smap_destroy(&warnings);
}
