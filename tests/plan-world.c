/* SPDX-License-Identifier: Apache-2.0 */

/* A world to plan for.  See plan-world.h; plan-world-json.c reads it. */

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
    w->scheduler = w->zone = true;
    plan_rows_init(&w->nb_rows);
    plan_rows_init(&w->work_rows);
    smap_init(&w->status);
}

void
world_destroy(struct world *w)
{
    intent_list_destroy(&w->list);
    free(w->objs);
    smap_destroy(&w->options);
    smap_destroy(&w->refused);
    plan_options_destroy(&w->parsed);
    plan_nb_destroy(&w->nb);
    plan_prior_destroy(&w->prior);
    plan_rows_destroy(&w->nb_rows);
    plan_rows_destroy(&w->work_rows);
    smap_destroy(&w->status);
}

/* Takes object 'i' out of the list and destroys it. */
static void
remove_object(struct world *w, size_t i)
{
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
world_plan(struct world *w, struct plan *plan)
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

    struct plan_input in = {
        .options = &w->parsed,
        .nb = &w->nb,
        .prior = &w->prior,
        .objs = w->objs,
        .n_objs = w->list.n,
        .refused = &w->refused,
        .scheduler = w->scheduler,
        .zone = w->zone,
    };
    plan_build(&in, plan);
}

/* Publishing. */

static const char *
row_string(const struct plan_row *row, const char *column)
{
    const struct plan_column *c = plan_row_get(row, column);

    return c && c->datum.n ? c->datum.keys[0].s->string : "";
}

/* Returns what "acked" and "error" a node has written for 'row'. */
static void
copy_work(struct shash *map, const struct shash *old,
          const struct plan_row *row, const char *name)
{
    struct plan_prior_work *w
        = plan_prior_add_work(map, row_string(row, "node"), name);
    const struct plan_prior_work *was = shash_find_data(old, row->key);
    const struct plan_column *endpoints = plan_row_get(row, "endpoints");

    free(w->state);
    w->state = xstrdup(row_string(row, "state"));
    free(w->manifest);
    w->manifest = xstrdup(row_string(row, "manifest"));
    free(w->revision);
    w->revision = xstrdup(row_string(row, "revision"));
    if (was) {
        free(w->acked);
        w->acked = xstrdup(was->acked);
        free(w->error);
        w->error = xstrdup(was->error);
        free(w->session);
        w->session = xstrdup(was->session);
        sset_clone(&w->advertised, &was->advertised);
    }
    for (unsigned int i = 0; endpoints && i < endpoints->datum.n; i++) {
        sset_add(&w->endpoints, endpoints->datum.keys[i].s->string);
    }
    w->row = plan_row_clone(row);
}

static void
clone_rows(struct plan_rows *dst, const struct plan_rows *src)
{
    plan_rows_destroy(dst);
    dst->rows = xmalloc(src->n * sizeof *dst->rows);
    dst->n = dst->allocated = src->n;
    for (size_t i = 0; i < src->n; i++) {
        dst->rows[i] = plan_row_clone(src->rows[i]);
    }
}

static void
status_to_text(const struct plan_status *st, struct ds *s)
{
    const struct smap_node **nodes = smap_sort(&st->status);

    for (size_t i = 0; i < smap_count(&st->status); i++) {
        ds_put_format(s, "  %s=%s\n", nodes[i]->key, nodes[i]->value);
    }
    free(nodes);
    for (size_t i = 0; i < st->n_conditions; i++) {
        const struct plan_condition *c = &st->conditions[i];
        ds_put_format(s, "  %s: %s %s%s%s\n", c->type, c->status, c->reason,
                      *c->message ? ": " : "", c->message);
    }
}

static void
publish_status(struct world *w, const struct plan *plan)
{
    struct plan_prior old = w->prior;
    struct plan_prior empty;
    struct shash_node *sn;

    plan_prior_init(&empty);
    shash_init(&w->prior.status);
    smap_clear(&w->status);
    SHASH_FOR_EACH (sn, &plan->status) {
        const struct plan_status *st = sn->data;
        struct plan_prior_status *p = xzalloc(sizeof *p);
        struct ds text = DS_EMPTY_INITIALIZER;

        p->id = xstrdup(st->id);
        smap_clone(&p->status, &st->status);
        shash_add(&w->prior.status, st->id, p);
        status_to_text(st, &text);
        smap_add(&w->status, st->id, ds_cstr(&text));
        ds_destroy(&text);
    }
    shash_swap(&empty.status, &old.status);
    plan_prior_destroy(&empty);
}

void
world_publish_work(struct world *w, const struct plan *plan)
{
    struct plan_prior old;

    if (!w->scheduler) {
        return;
    }
    plan_prior_init(&old);
    shash_swap(&old.services, &w->prior.services);
    shash_swap(&old.policies, &w->prior.policies);
    shash_swap(&old.peers, &w->prior.peers);
    for (size_t i = 0; i < plan->work.n; i++) {
        const struct plan_row *row = plan->work.rows[i];

        if (!strcmp(row->table, "Node_Service")) {
            copy_work(&w->prior.services, &old.services, row,
                      row_string(row, "service"));
        } else if (!strcmp(row->table, "Node_Policy")) {
            copy_work(&w->prior.policies, &old.policies, row,
                      row_string(row, "policy"));
        } else if (!strcmp(row->table, "Node_Peer")) {
            copy_work(&w->prior.peers, &old.peers, row,
                      row_string(row, "peer"));
        }
    }
    plan_prior_destroy(&old);
    clone_rows(&w->work_rows, &plan->work);
    publish_status(w, plan);
}

/* Returns the value of 'key' in the external_ids of 'row', or NULL. */
static const char *
row_id(const struct plan_row *row, const char *key)
{
    const struct plan_column *c = plan_row_get(row, "external_ids");

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        if (!strcmp(c->datum.keys[i].s->string, key)) {
            return c->datum.values[i].s->string;
        }
    }
    return NULL;
}

static void
add_steered(struct world *w, const char *ip, const char *node)
{
    if (!shash_add_once(&w->prior.steered, ip, xstrdup(node))) {
        ovs_fatal(0, "%s is steered to two nodes", ip);
    }
}

void
world_publish_nb(struct world *w, const struct plan *plan)
{
    if (!w->zone) {
        return;
    }
    shash_clear_free_data(&w->prior.steered);
    shash_clear(&w->prior.sets);
    for (size_t i = 0; i < plan->nb.n; i++) {
        const struct plan_row *row = plan->nb.rows[i];
        const char *node = row_id(row, "node");

        if (!strcmp(row->table, "Address_Set")) {
            const struct plan_column *c = plan_row_get(row, "addresses");
            shash_add(&w->prior.sets, row_string(row, "name"), NULL);
            for (unsigned int j = 0; node && j < c->datum.n; j++) {
                add_steered(w, c->datum.keys[j].s->string, node);
            }
        } else if (!strcmp(row->table, "Logical_Router_Policy") && node
                   && row_id(row, "EgressSVC")) {
            add_steered(w, strstr(row_string(row, "match"), "== ") + 3, node);
        }
    }
    clone_rows(&w->nb_rows, &plan->nb);
}

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
        sset_add(&p->advertised, c->datum.keys[i].s->string);
    }
}

bool
world_session(struct world *w, const char *node, const char *peer,
              const char *session)
{
    char *key = xasprintf("%s %s", node, peer);
    struct plan_prior_work *p = shash_find_data(&w->prior.peers, key);

    free(key);
    if (p) {
        run_session(p, session);
    }
    return p != NULL;
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
                if (maps[i] == &w->prior.peers && !error) {
                    run_session(p, *p->session ? p->session : "Established");
                }
            }
        }
    }
    return n;
}

void
world_format_diff(const struct world *w, const struct plan *plan,
                  struct ds *s)
{
    const struct shash_node **nodes = shash_sort(&plan->status);

    if (w->zone) {
        plan_rows_format_diff(&w->nb_rows, &plan->nb, s);
    }
    if (w->scheduler) {
        plan_rows_format_diff(&w->work_rows, &plan->work, s);
    }
    for (size_t i = 0; i < shash_count(&plan->status); i++) {
        struct ds text = DS_EMPTY_INITIALIZER;

        status_to_text(nodes[i]->data, &text);
        if (strcmp(ds_cstr(&text),
                   smap_get_def(&w->status, nodes[i]->name, ""))) {
            ds_put_format(s, "status %s\n%s", nodes[i]->name, ds_cstr(&text));
        }
        ds_destroy(&text);
    }
    free(nodes);
}
