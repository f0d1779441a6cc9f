/* SPDX-License-Identifier: Apache-2.0 */

/* A world to plan for.  See plan-world.h; plan-world-json.c reads it,
 * plan-world-publish.c carries plans out. */

#include <config.h>

#include "tests/plan-world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "util.h"

void
world_init(struct world *w)
{
    memset(w, 0, sizeof *w);
    intent_list_init(&w->list);
    smap_init(&w->options);
    smap_init(&w->refused);
    plan_nb_init(&w->nb);
    plan_prior_init(&w->prior);
    plan_changes_init(&w->changes);
    w->scheduler = w->zone = true;
    plan_rows_init(&w->nb_rows);
    plan_rows_init(&w->work_rows);
    smap_init(&w->status);
    shash_init(&w->may_get);
}

void
world_destroy(struct world *w)
{
    if (w->has_kept) {
        plan_destroy(&w->kept);
    }
    plan_changes_destroy(&w->changes);
    intent_list_destroy(&w->list);
    free(w->objs);
    smap_destroy(&w->options);
    smap_destroy(&w->refused);
    plan_options_destroy(&w->parsed);
    plan_nb_destroy(&w->nb);
    plan_prior_destroy(&w->prior);
    plan_rows_destroy(&w->prior_rows);
    plan_rows_destroy(&w->nb_rows);
    plan_rows_destroy(&w->work_rows);
    smap_destroy(&w->status);
    world_forget_ways(w);
    shash_destroy(&w->may_get);
}

/* Takes object 'i' out of the list and destroys it. */
static void
remove_object(struct world *w, size_t i)
{
    plan_changes_add_object(&w->changes, w->list.objs[i]);
    intent_object_destroy(w->list.objs[i]);
    w->list.objs[i] = w->list.objs[--w->list.n];
}

bool
world_delete(struct world *w, const char *id)
{
    for (size_t i = 0; i < w->list.n; i++) {
        if (!strcmp(intent_object_id(w->list.objs[i]), id)) {
            remove_object(w, i);
            return true;
        }
    }
    return false;
}

void
world_apply_text(struct world *w, const char *text, const char *file)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    size_t n_old = w->list.n;

    intent_parse(text, strlen(text), file, INTENT_STRICT, &w->list,
                 &problems);
    for (size_t i = 0; i < problems.n; i++) {
        char *s = intent_problem_to_string(&problems.items[i]);
        fprintf(stderr, "%s\n", s);
        free(s);
    }
    if (problems.n) {
        ovs_fatal(0, "%s: bad manifest", file);
    }
    intent_problems_destroy(&problems);

    /* A new version replaces the old one. */
    for (size_t i = n_old; i < w->list.n; i++) {
        const char *id = intent_object_id(w->list.objs[i]);

        plan_changes_add_object(&w->changes, w->list.objs[i]);
        for (size_t j = 0; j < n_old; j++) {
            if (!strcmp(intent_object_id(w->list.objs[j]), id)) {
                struct intent_object *tmp = w->list.objs[j];
                w->list.objs[j] = w->list.objs[i];
                w->list.objs[i] = tmp;
                remove_object(w, i--);
                break;
            }
        }
    }
}

void
world_apply_file(struct world *w, const char *file)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(file, "r");

    if (!stream) {
        ovs_fatal(errno, "%s: open failed", file);
    }
    for (int c; (c = getc(stream)) != EOF; ) {
        ds_put_char(&s, c);
    }
    fclose(stream);
    world_apply_text(w, ds_cstr(&s), file);
    ds_destroy(&s);
}

struct plan_prior_node *
world_helper(struct world *w, const char *name)
{
    struct plan_prior_node *node = shash_find_data(&w->prior.nodes, name);

    w->changes.all = true;
    if (!node) {
        node = xzalloc(sizeof *node);
        node->name = xstrdup(name);
        node->alive = true;
        sset_init(&node->addresses);
        shash_add(&w->prior.nodes, name, node);
    }
    return node;
}

void
world_get_input(struct world *w, struct plan_input *in)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;

    free(w->objs);
    w->objs = xmemdup(w->list.objs, w->list.n * sizeof *w->objs);
    plan_sort_objects(w->objs, w->list.n);
    plan_options_destroy(&w->parsed);
    plan_options_init(&w->parsed, &w->options, &problems);
    if (problems.n) {
        ovs_fatal(0, "%s", problems.items[0].message);
    }
    intent_problems_destroy(&problems);

    *in = (struct plan_input) {
        .options = &w->parsed,
        .nb = &w->nb,
        .prior = &w->prior,
        .objs = w->objs,
        .n_objs = w->list.n,
        .refused = &w->refused,
        .now = 1,
        .scheduler = w->scheduler,
        .zone = w->zone,
    };
}

void
world_plan(struct world *w, struct plan *plan)
{
    struct plan_input in;

    world_get_input(w, &in);
    plan_build(&in, plan);
}

void
world_clone_rows(struct plan_rows *dst, const struct plan_rows *src)
{
    plan_rows_destroy(dst);
    dst->rows = xmalloc(src->n * sizeof *dst->rows);
    dst->n = dst->allocated = src->n;
    for (size_t i = 0; i < src->n; i++) {
        dst->rows[i] = plan_row_clone(src->rows[i]);
    }
}

struct check_delta {
    const struct sset *names;
    struct ds *s;
};

static void
check_change(const struct plan_change *change, void *aux_)
{
    struct check_delta *aux = aux_;
    char *name = plan_row_name(change->want ? change->want : change->have);

    if (!sset_contains(aux->names, name)) {
        ds_put_format(aux->s, "not in the delta: %s\n", name);
    }
    free(name);
}

/* Appends to 's' the rows that differ between 'old' and 'new' though 'names'
 * does not have them. */
static void
check_delta(const struct plan_rows *old, const struct plan_rows *new,
            const struct sset *names, struct ds *s)
{
    struct check_delta aux = { names, s };

    plan_rows_diff(old, new, check_change, &aux);
}

void
world_update(struct world *w, struct ds *s)
{
    struct plan_rows nb = { NULL, 0, 0 };
    struct plan_rows work = { NULL, 0, 0 };
    struct plan_input in;

    world_get_input(w, &in);
    if (!w->has_kept) {
        plan_build(&in, &w->kept);
        w->has_kept = true;
    } else {
        world_clone_rows(&nb, &w->kept.nb);
        world_clone_rows(&work, &w->kept.work);
        if (plan_update(&w->kept, &in, &w->changes)) {
            check_delta(&nb, &w->kept.nb, &w->kept.delta.nb, s);
            check_delta(&work, &w->kept.work, &w->kept.delta.work, s);
            w->n_updates++;
        } else {
            w->n_whole++;
        }
        plan_rows_destroy(&nb);
        plan_rows_destroy(&work);
    }
    plan_delta_destroy(&w->kept.delta);
    plan_delta_init(&w->kept.delta);
    plan_changes_clear(&w->changes);
    plan_verify(&w->kept, &in, s);
}

/* Nodes. */

/* Makes the session of 'p', a Node_Peer row that the node has loaded, what
 * 'session' says: a state, and perhaps "mute". */
static void
run_session(struct plan_prior_work *p, const char *session)
{
    const struct plan_column *c = plan_row_get(p->row, "announcements");
    bool mute = strstr(session, " mute") != NULL;

    char *old = p->session;

    p->session = xmemdup0(session, strcspn(session, " "));
    free(old);
    sset_clear(&p->advertised);
    for (unsigned int i = 0; i < c->datum.n && !mute
         && !strcmp(p->session, "Established"); i++) {
        sset_add(&p->advertised, json_string(c->datum.keys[i].s));
    }
}

bool
world_session(struct world *w, const char *node, const char *peer,
              const char *session)
{
    char *key = xasprintf("%s %s", node, peer);
    struct plan_prior_work *p = shash_find_data(&w->prior.peers, key);

    if (p) {
        sset_add(&w->changes.sessions, key);
        run_session(p, session);
    }
    free(key);
    return p != NULL;
}

void
world_sessions_up(struct world *w)
{
    struct shash_node *sn;

    SHASH_FOR_EACH (sn, &w->prior.peers) {
        sset_add(&w->changes.sessions, sn->name);
        run_session(sn->data, "Established");
    }
}

/* Lets the node of 'p' acknowledge it, or report 'error'.  Returns true if
 * that is news. */
static bool
ack_one(struct plan_prior_work *p, const char *error)
{
    const char *acked = error ? p->acked : p->revision;
    const char *new_error = error ? error : "";

    if (!strcmp(p->acked, acked) && !strcmp(p->error, new_error)) {
        return false;
    }
    char *old = p->acked;
    p->acked = xstrdup(acked);
    free(old);
    free(p->error);
    p->error = xstrdup(new_error);
    return true;
}

size_t
world_ack(struct world *w, const char *node, const char *name,
          const char *error)
{
    struct shash *maps[] = {
        &w->prior.peers, &w->prior.services, &w->prior.policies
    };
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
        struct shash_node *sn;
        SHASH_FOR_EACH (sn, maps[i]) {
            struct plan_prior_work *p = sn->data;
            const struct plan_prior_node *helper
                = shash_find_data(&w->prior.nodes, p->node);

            if ((!strcmp(node, p->node)
                 || (!*node && helper && helper->alive))
                && (!*name || !strcmp(name, p->name))
                && ack_one(p, error)) {
                n++;
                if (maps[i] == &w->prior.services) {
                    sset_add(&w->changes.services, p->name);
                } else if (maps[i] == &w->prior.peers) {
                    sset_add(&w->changes.sessions, sn->name);
                } else {
                    w->changes.all = true;
                }
                if (maps[i] == &w->prior.peers && !error) {
                    run_session(p, *p->session ? p->session : "Established");
                }
            }
        }
    }
    return n;
}
