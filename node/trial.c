/* SPDX-License-Identifier: Apache-2.0 */

/* Policies on trial: see trial.h.
 *
 * Member "trial" of node/state.h is {"policies": {NAME: {"proven": MANIFEST,
 * "tried": MANIFEST, "refused": MANIFEST, "why": TEXT, "created": TIME,
 * "alone": true}}, "ways": [TEXT...], "seconds": NUMBER}, and the last two are
 * there during a trial.  The manifest of a policy that is gone is "". */

#include <config.h>

#include "node/trial.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json-array.h"
#include "node/checkpoint.h"
#include "node/facts.h"
#include "node/state.h"
#include "openvswitch/shash.h"
#include "openvswitch/vlog.h"
#include "plan/machine/machine-trial.h"
#include "plan/machine/machine.h"
#include "smap.h"
#include "svec.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(trial);

#define WAITS "waits for the end of another change of this node"
#define WAITS_TO_GO "is deleted, but stays until the end of another change " \
                    "of this node"

/* What a policy says that is gone: this is tried as any other text. */
#define NOTHING ""

/* What is known of a policy.  Texts are NULL if there is none. */
struct entry {
    char *newest;               /* As OVN_Egress has it. */
    char *created;              /* When, or "". */
    char *proven;               /* The last text that has passed. */
    char *tried;                /* The text that is on trial. */
    char *refused;              /* The text that was rolled back, ... */
    char *why;                  /* ... and why. */
    bool alone;                 /* To be tried without others. */
};

struct trial {
    uint8_t protocol;
    struct shash entries;       /* Name to "struct entry". */
    bool changed;               /* Other texts are in force. */

    /* During a trial. */
    bool on;
    bool resumed;               /* It began before the helper's start. */
    bool applied;
    bool idle;                  /* It has changed nothing. */
    long long int deadline;
    unsigned int seconds;       /* That it may take. */
    struct svec before;         /* What must not be lost, sorted. */
    struct json *checkpoint;
};

static void
destroy_entry(struct entry *e)
{
    if (e) {
        free(e->newest);
        free(e->created);
        free(e->proven);
        free(e->tried);
        free(e->refused);
        free(e->why);
        free(e);
    }
}

/* Moves '*from' to '*to'. */
static void
move_text(char **from, char **to)
{
    free(*to);
    *to = *from;
    *from = NULL;
}

static bool
is_same(const char *a, const char *b)
{
    return a && b && !strcmp(a, b);
}

static bool
is_nothing(const char *text)
{
    return !text || !*text;
}

/* Returns the text of 'e' that is in force, or NULL. */
static const char *
in_force(const struct entry *e)
{
    const char *text = e->tried ? e->tried : e->proven;

    return is_nothing(text) ? NULL : text;
}

/* If 'e' is there because its removal was rolled back, that may be tried
 * again. */
static void
forget_kept(struct entry *e)
{
    if (is_same(e->refused, NOTHING)) {
        free(e->refused);
        e->refused = NULL;
    }
}

/* Memory. */

static void
put_text(struct json *object, const char *name, const char *text)
{
    if (text) {
        json_object_put_string(object, name, text);
    }
}

static char *
get_text(const struct json *object, const char *name)
{
    const struct json *json
        = (object->type == JSON_OBJECT
           ? shash_find_data(json_object(object), name) : NULL);

    return (json && json->type == JSON_STRING ? xstrdup(json_string(json))
            : NULL);
}

static void
save(const struct trial *t)
{
    struct json *policies = json_object_create();
    struct json *all = json_object_create();
    struct shash_node *node;

    SHASH_FOR_EACH (node, &t->entries) {
        const struct entry *e = node->data;
        struct json *object = json_object_create();

        put_text(object, "proven", e->proven);
        put_text(object, "tried", e->tried);
        put_text(object, "refused", e->refused);
        put_text(object, "why", e->why);
        put_text(object, "created", e->created);
        if (e->alone) {
            json_object_put(object, "alone", json_boolean_create(true));
        }
        json_object_put(policies, node->name, object);
    }
    json_object_put(all, "policies", policies);
    if (t->on) {
        struct json *ways = json_array_create_empty();
        const char *way;
        size_t i;

        SVEC_FOR_EACH (i, way, &t->before) {
            json_array_add(ways, json_string_create(way));
        }
        json_object_put(all, "ways", ways);
        json_object_put(all, "seconds", json_integer_create(t->seconds));
    }

    int error = state_set("checkpoint", (t->on ? json_clone(t->checkpoint)
                                         : NULL));
    int error2 = state_set("trial", all);
    if (error || error2) {
        VLOG_WARN("failed to save the state to restore: %s",
                  ovs_strerror(error ? error : error2));
    }
}

static void
load(struct trial *t, long long int now)
{
    const struct json *all = state_get("trial");
    const struct json *checkpoint = state_get("checkpoint");
    const struct shash *members = (all && all->type == JSON_OBJECT
                                   ? json_object(all) : NULL);
    const struct json *policies
        = members ? shash_find_data(members, "policies") : NULL;
    struct shash_node *node;

    if (!policies || policies->type != JSON_OBJECT) {
        return;
    }
    SHASH_FOR_EACH (node, json_object(policies)) {
        struct entry *e = xzalloc(sizeof *e);

        e->proven = get_text(node->data, "proven");
        e->tried = get_text(node->data, "tried");
        e->refused = get_text(node->data, "refused");
        e->why = get_text(node->data, "why");
        e->created = get_text(node->data, "created");
        e->alone = shash_find(json_object(node->data), "alone") != NULL;
        shash_add(&t->entries, node->name, e);
    }

    const struct json *ways = shash_find_data(members, "ways");
    const struct json *seconds = shash_find_data(members, "seconds");
    if (checkpoint && ways && ways->type == JSON_ARRAY
        && seconds && seconds->type == JSON_INTEGER) {
        for (size_t i = 0; i < egress_json_array_size(ways); i++) {
            svec_add(&t->before,
                     json_string(egress_json_array_at(ways, i)));
        }
        t->on = t->resumed = true;
        t->seconds = json_integer(seconds);
        t->deadline = now + t->seconds * 1000LL;
        t->checkpoint = json_clone(checkpoint);
        VLOG_INFO("a change of this node was not known to be good when the "
                  "helper stopped");
    }
}

struct trial *
trial_create(uint8_t protocol, long long int now)
{
    struct trial *t = xzalloc(sizeof *t);

    t->protocol = protocol;
    t->deadline = LLONG_MAX;
    shash_init(&t->entries);
    svec_init(&t->before);
    load(t, now);
    return t;
}

void
trial_destroy(struct trial *t)
{
    if (t) {
        struct shash_node *node;

        SHASH_FOR_EACH (node, &t->entries) {
            destroy_entry(node->data);
        }
        shash_destroy(&t->entries);
        svec_destroy(&t->before);
        json_destroy(t->checkpoint);
        free(t);
    }
}

/* Texts. */

static bool
is_candidate(const struct entry *e)
{
    return (e->newest && !is_same(e->newest, e->proven)
            && !is_same(e->newest, e->refused));
}

/* Puts the policies on trial whose turn it is. */
static void
start_trial(struct trial *t)
{
    size_t n = 0, max = shash_count(&t->entries);
    struct machine_trial_candidate *candidates = xcalloc(max,
                                                         sizeof *candidates);
    struct entry **entries = xcalloc(max, sizeof *entries);
    struct shash_node *node;

    SHASH_FOR_EACH (node, &t->entries) {
        struct entry *e = node->data;

        if (is_candidate(e)) {
            entries[n] = e;
            candidates[n++] = (struct machine_trial_candidate) {
                node->name, e->created ? e->created : "", e->alone,
            };
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (machine_trial_is_next(candidates, n, i)) {
            entries[i]->tried = xstrdup(entries[i]->newest);
            t->on = t->changed = true;
        }
    }
    free(candidates);
    free(entries);
}

/* Forgets the policies that are gone and of which nothing is left. */
static void
forget_gone(struct trial *t)
{
    struct shash_node *node, *next;

    SHASH_FOR_EACH_SAFE (node, next, &t->entries) {
        struct entry *e = node->data;

        if (is_nothing(e->newest) && !e->tried && is_nothing(e->proven)) {
            destroy_entry(e);
            shash_delete(&t->entries, node);
            t->changed = true;
        }
    }
}

bool
trial_select(struct trial *t, const struct trial_policy *policies, size_t n)
{
    struct shash_node *node;

    SHASH_FOR_EACH (node, &t->entries) {
        struct entry *e = node->data;

        free(e->newest);
        e->newest = xstrdup(NOTHING);
    }
    for (size_t i = 0; i < n; i++) {
        struct entry *e = shash_find_data(&t->entries, policies[i].name);

        if (!e) {
            e = xzalloc(sizeof *e);
            shash_add(&t->entries, policies[i].name, e);
        }
        free(e->newest);
        free(e->created);
        e->newest = xstrdup(policies[i].manifest);
        e->created = xstrdup(policies[i].created);
        forget_kept(e);
    }
    forget_gone(t);
    if (!t->on) {
        start_trial(t);
    }

    bool changed = t->changed;
    t->changed = false;
    return changed;
}

void
trial_list(const struct trial *t, struct smap *policies)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &t->entries) {
        const struct entry *e = node->data;

        if (!is_nothing(e->newest) || in_force(e)) {
            smap_add(policies, node->name, e->created ? e->created : "");
        }
    }
}

const char *
trial_get(const struct trial *t, const char *name, const char **why)
{
    const struct entry *e = shash_find_data(&t->entries, name);
    const char *text = in_force(e);

    *why = (is_same(text, e->newest) ? NULL
            : is_same(e->refused, e->newest) ? e->why
            : is_nothing(e->newest) ? WAITS_TO_GO : WAITS);
    return text;
}

char *
trial_describe_kept(const struct trial *t)
{
    struct svec kept = SVEC_EMPTY_INITIALIZER;
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &t->entries) {
        const struct entry *e = node->data;

        if (is_nothing(e->newest) && is_same(e->refused, NOTHING)) {
            svec_add_nocopy(&kept, xasprintf("%s: %s", node->name, e->why));
        }
    }
    svec_sort(&kept);
    char *s = svec_join(&kept, "; ", "");
    svec_destroy(&kept);
    return s;
}

bool
trial_is_on(const struct trial *t, const char *name)
{
    const struct entry *e = shash_find_data(&t->entries, name);

    return e && e->tried;
}

/* Life of a trial. */

void
trial_prepare(struct trial *t, const struct machine_input *in)
{
    struct machine_facts facts;

    if (!t->on || t->checkpoint) {
        return;
    }

    char *error = checkpoint_read(t->protocol, &t->checkpoint);
    if (!error) {
        error = facts_read(in->options, &facts);
        machine_trial_ways(&facts, &t->before);
        machine_facts_destroy(&facts);
    }
    if (error) {
        VLOG_WARN("cannot roll back a change that cuts the node off: %s",
                  error);
        free(error);
    }
    for (size_t i = 0; i < in->n_policies; i++) {
        if (trial_is_on(t, in->policies[i].name)) {
            machine_trial_drop_meant(&in->policies[i], &t->before);
        }
    }
    t->seconds = in->options->rollback_seconds;
    save(t);
}

/* Ends the trial: 'why' is NULL if what was tried stays. */
static void
end_trial(struct trial *t, const char *why)
{
    struct shash_node *node;
    size_t n = 0;

    SHASH_FOR_EACH (node, &t->entries) {
        const struct entry *e = node->data;

        n += e->tried != NULL;
    }
    SHASH_FOR_EACH (node, &t->entries) {
        struct entry *e = node->data;

        if (!e->tried) {
            continue;
        } else if (!why) {
            move_text(&e->tried, &e->proven);
            e->alone = false;
        } else if (n == 1) {
            bool gone = is_nothing(e->tried);

            move_text(&e->tried, &e->refused);
            free(e->why);
            e->why = (gone ? xasprintf("is deleted, but stays; its removal "
                                       "was %s", why) : xstrdup(why));
            e->alone = false;
            VLOG_WARN("NodeNetworkConfigurationPolicy %s: %s", node->name,
                      e->why);
        } else {
            free(e->tried);
            e->tried = NULL;
            e->alone = true;
        }
    }
    if (!why && !t->idle) {
        /* Something is new: what had to stay may be superfluous. */
        SHASH_FOR_EACH (node, &t->entries) {
            forget_kept(node->data);
        }
    }
    t->on = t->applied = t->resumed = t->idle = false;
    t->changed = true;
    t->deadline = LLONG_MAX;
    svec_clear(&t->before);
    json_destroy(t->checkpoint);
    t->checkpoint = NULL;
    save(t);
}

bool
trial_applied(struct trial *t, bool changed, long long int now)
{
    if (!t->on || t->applied) {
        return false;
    }
    t->applied = true;
    if (!changed && !t->resumed) {
        t->idle = true;
        t->deadline = now;
        return false;
    }
    t->deadline = MIN(t->deadline, now + t->seconds * 1000LL);
    return true;
}

/* True if a text waits to be tried. */
static bool
has_candidate(const struct trial *t)
{
    const struct shash_node *node;

    SHASH_FOR_EACH (node, &t->entries) {
        if (is_candidate(node->data)) {
            return true;
        }
    }
    return false;
}

/* Returns what the host has now, as facts tell it by 'in', which may be
 * NULL. */
static void
get_ways(const struct machine_input *in, struct svec *ways)
{
    struct machine_facts facts;
    char *error = in ? facts_read(in->options, &facts) : NULL;

    svec_init(ways);
    if (in) {
        machine_trial_ways(&facts, ways);
        machine_facts_destroy(&facts);
    }
    free(error);
}

bool
trial_run(struct trial *t, const struct machine_input *in, bool answered,
          long long int now)
{
    bool expired = now >= t->deadline;
    struct svec after;
    char *why;

    answered = answered && t->applied;
    if (t->idle) {
        end_trial(t, NULL);
        return has_candidate(t);
    } else if (!t->on || !(answered || expired)) {
        return false;
    }
    get_ways(in, &after);
    enum machine_trial verdict = machine_trial_judge(&t->before, &after,
                                                     answered,
                                                     expired, &why);
    svec_destroy(&after);
    if (verdict == MACHINE_TRIAL_WAIT) {
        return false;
    }
    if (verdict == MACHINE_TRIAL_FAILS) {
        char *error = checkpoint_restore(t->checkpoint, t->protocol);

        if (error) {
            VLOG_WARN("rolling back: %s", error);
            free(error);
        }
    }
    end_trial(t, why);
    free(why);
    return verdict == MACHINE_TRIAL_FAILS || has_candidate(t);
}

long long int
trial_deadline(const struct trial *t)
{
    return t->deadline;
}
