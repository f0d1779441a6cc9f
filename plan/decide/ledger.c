/* SPDX-License-Identifier: Apache-2.0 */

/* What each service takes of what all of them share.  See ledger.h. */

#include <config.h>

#include "plan/decide/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "plan/decide/decide.h"
#include "plan/rows/ip-hash.h"
#include "plan/world/view.h"
#include "util.h"

struct ledger *
ledger_create(void)
{
    struct ledger *l = xzalloc(sizeof *l);

    hmap_init(&l->entries);
    hmap_init(&l->withdrawn);
    hmap_init(&l->claims);
    hmap_init(&l->mentions);
    hmap_init(&l->addresses);
    ovs_list_init(&l->unhosted);
    ovs_list_init(&l->unsettled);
    hmapx_init(&l->touched);
    return l;
}

struct ledger_node *
ledger_node(struct ledger *l, const struct view_node *node)
{
    while (node->index >= l->allocated_nodes) {
        size_t n = l->allocated_nodes;

        l->nodes = x2nrealloc(l->nodes, &l->allocated_nodes,
                              sizeof *l->nodes);
        memset(&l->nodes[n], 0, (l->allocated_nodes - n) * sizeof *l->nodes);
    }

    struct ledger_node *n = l->nodes[node->index];
    if (!n) {
        n = l->nodes[node->index] = xzalloc(sizeof *n);
        n->node = node;
        ovs_list_init(&n->parts);
        ovs_list_init(&n->steered);
        sset_init(&n->labels);
    }
    return n;
}

void
ledger_touch(struct ledger *l, const struct view_node *node)
{
    hmapx_add(&l->touched, ledger_node(l, node));
}

static void
entry_destroy(struct ledger_entry *e)
{
    free(e->claims);
    free(e->mentions);
    free(e->addresses);
    free(e->parts);
    free(e->label);
    announced_destroy(&e->announced);
    plan_db_rows_destroy(&e->rows);
    free(e->key);
    free(e);
}

static void
destroy_entries(struct hmap *entries)
{
    struct ledger_entry *e;

    HMAP_FOR_EACH_POP (e, hmap_node, entries) {
        entry_destroy(e);
    }
}

static void
destroy_nodes(struct ledger *l)
{
    for (size_t i = 0; i < l->allocated_nodes; i++) {
        if (l->nodes[i]) {
            sset_destroy(&l->nodes[i]->labels);
            free(l->nodes[i]->bad_tables);
            plan_db_rows_destroy(&l->nodes[i]->rows);
            free(l->nodes[i]);
        }
    }
    free(l->nodes);
}

void
ledger_destroy(struct ledger *l)
{
    destroy_nodes(l);
    destroy_entries(&l->entries);
    destroy_entries(&l->withdrawn);
    hmap_destroy(&l->entries);
    hmap_destroy(&l->withdrawn);
    hmap_destroy(&l->claims);
    hmap_destroy(&l->mentions);
    hmap_destroy(&l->addresses);
    hmapx_destroy(&l->touched);
    plan_db_rows_destroy(&l->commons);
    plan_db_rows_destroy(&l->stale);
    free(l);
}

/* Finding. */

static struct ledger_entry *
find_entry(const struct hmap *entries, const char *key)
{
    struct ledger_entry *e;

    HMAP_FOR_EACH_WITH_HASH (e, hmap_node, hash_string(key, 0), entries) {
        if (!strcmp(e->key, key)) {
            return e;
        }
    }
    return NULL;
}

struct ledger_entry *
ledger_find(const struct ledger *l, const char *key)
{
    return find_entry(&l->entries, key);
}

struct ledger_entry *
ledger_find_withdrawn(const struct ledger *l, const char *key)
{
    return find_entry(&l->withdrawn, key);
}

struct ledger_entry *
ledger_get(struct ledger *l, const char *key)
{
    struct ledger_entry *e = ledger_find(l, key);

    if (!e) {
        e = xzalloc(sizeof *e);
        e->key = xstrdup(key);
        ovs_list_init(&e->unsettled_node);
        hmap_insert(&l->entries, &e->hmap_node, hash_string(key, 0));
    }
    return e;
}

struct ledger_part *
ledger_part(const struct ledger *l, const struct view_work *w)
{
    return &ledger_find(l, w->service->key)->parts[w->index];
}

static const struct ledger_claim *
find_claim(const struct ledger *l, const struct in6_addr *ip)
{
    const struct ledger_claim *c;

    HMAP_FOR_EACH_WITH_HASH (c, hmap_node, ip_hash(ip), &l->claims) {
        if (!memcmp(&c->ip, ip, sizeof *ip)) {
            return c;
        }
    }
    return NULL;
}

static bool
is_mentioned(const struct ledger *l, const struct in6_addr *ip)
{
    const struct ledger_mention *m;

    HMAP_FOR_EACH_WITH_HASH (m, hmap_node, ip_hash(ip), &l->mentions) {
        if (!memcmp(&m->ip, ip, sizeof *ip)) {
            return true;
        }
    }
    return false;
}

void
ledger_find_by_address(const struct ledger *l, const char *text,
                       struct sset *keys)
{
    const struct ledger_claim *claim;
    const struct ledger_mention *m;
    struct in6_addr ip;

    if (!ip_addr_parse(text, &ip)) {
        return;
    }
    claim = find_claim(l, &ip);
    if (claim) {
        sset_add(keys, claim->entry->key);
    }
    HMAP_FOR_EACH_WITH_HASH (m, hmap_node, ip_hash(&ip), &l->mentions) {
        if (!memcmp(&m->ip, &ip, sizeof ip)) {
            sset_add(keys, m->entry->key);
        }
    }
}

void
ledger_find_unsettled(const struct ledger *l, struct sset *keys)
{
    const struct ledger_entry *e;

    LIST_FOR_EACH (e, unsettled_node, &l->unsettled) {
        sset_add(keys, e->key);
    }
}

/* Withdrawing. */

static void
append(struct plan_rows *dst, struct plan_row **rows, size_t n)
{
    if (n) {
        if (dst->n + n > dst->allocated) {
            dst->allocated = dst->n + n;
            dst->rows = xrealloc(dst->rows,
                                 dst->allocated * sizeof *dst->rows);
        }
        memcpy(&dst->rows[dst->n], rows, n * sizeof *rows);
        dst->n += n;
    }
}

static void
move_rows(struct plan_rows *dst, struct plan_rows *src)
{
    append(dst, src->rows, src->n);
    src->n = 0;
}

/* Moves the rows of 'owner' to those that are stale. */
static void
make_stale(struct ledger *l, struct plan_db_rows *owner)
{
    move_rows(&l->stale.nb, &owner->nb);
    move_rows(&l->stale.work, &owner->work);
}

static void
withdraw(struct ledger *l, struct ledger_entry *e)
{
    for (size_t i = 0; i < e->n_claims; i++) {
        struct ledger_claim *c = &e->claims[i];

        hmap_remove(&l->claims, &c->hmap_node);
        ovs_list_remove(&c->list_node);
        if (c->steer) {
            ledger_touch(l, c->steer);
        }
    }
    for (size_t i = 0; i < e->n_mentions; i++) {
        hmap_remove(&l->mentions, &e->mentions[i].hmap_node);
    }
    ledger_withdraw_addresses(l, e);
    announce_withdraw(&e->announced);
    for (size_t i = 0; i < e->n_parts; i++) {
        ovs_list_remove(&e->parts[i].list_node);
        ledger_touch(l, e->parts[i].node);
    }
    if (e->host) {
        ledger_node(l, e->host)->n_hosted--;
    }
    l->n_odd_labels -= e->odd_label;
    make_stale(l, &e->rows);
    ovs_list_remove(&e->unsettled_node);
    hmap_remove(&l->entries, &e->hmap_node);
    hmap_insert(&l->withdrawn, &e->hmap_node, hash_string(e->key, 0));
}

void
ledger_withdraw(struct view *v, const struct sset *keys)
{
    struct ledger *l = v->ledger;
    struct ledger_entry *e;
    const char *key;

    make_stale(l, &l->commons);
    SSET_FOR_EACH (key, keys) {
        e = ledger_find(l, key);
        if (e) {
            withdraw(l, e);
            if (e->label) {
                sset_find_and_delete(&v->labels, e->label);
            }
        }
    }
    HMAP_FOR_EACH (e, hmap_node, &l->withdrawn) {
        /* Who else names an address may get it now. */
        for (size_t i = 0; i < e->n_claims; i++) {
            l->clash = l->clash || is_mentioned(l, &e->claims[i].ip);
        }
    }
}

void
ledger_end_run(struct ledger *l)
{
    destroy_entries(&l->withdrawn);
    hmapx_clear(&l->touched);
    l->stale.nb.n = l->stale.work.n = 0;
    l->n_nb = l->n_work = 0;
    l->clash = false;
}

void
ledger_check(struct view *v)
{
    struct ledger *l = v->ledger;
    const struct view_service *s;

    /* What is left of former services names addresses too. */
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        for (size_t j = 0; j < s->n_endpoints; j++) {
            const struct in6_addr *ip = &s->endpoints[j].ip;

            l->clash |= find_claim(l, ip) || is_mentioned(l, ip);
        }
        for (size_t j = 0; j < s->n_mentions; j++) {
            l->clash |= find_claim(l, &s->mentions[j]) != NULL;
        }
    }
}

/* Recording. */

static void
record_claims(struct view *v, const struct view_service *s,
              struct ledger_entry *entry)
{
    bool drop = (v->options->on_no_host == PLAN_NO_HOST_DROP
                 && !s->choice->is_all);
    struct ledger *l = v->ledger;

    entry->claims = xmalloc(s->n_endpoints * sizeof *entry->claims);
    for (size_t i = 0; i < s->n_endpoints; i++) {
        const struct view_endpoint *e = &s->endpoints[i];
        struct ledger_claim *c = &entry->claims[entry->n_claims++];

        c->entry = entry;
        c->ip = e->ip;
        c->steer = s->next->steer[i];
        hmap_insert(&l->claims, &c->hmap_node, ip_hash(&c->ip));
        ovs_list_init(&c->list_node);
        if (c->steer) {
            ovs_list_push_back(&ledger_node(l, c->steer)->steered,
                               &c->list_node);
            ledger_touch(l, c->steer);
        } else if (drop && !e->foreign && e->node->local) {
            ovs_list_push_back(&l->unhosted, &c->list_node);
        }
    }
}

static void
record_mentions(struct ledger *l, const struct view_service *s,
                struct ledger_entry *entry)
{
    entry->mentions = xmalloc(s->n_mentions * sizeof *entry->mentions);
    for (size_t i = 0; i < s->n_mentions; i++) {
        struct ledger_mention *m = &entry->mentions[entry->n_mentions++];

        m->entry = entry;
        m->ip = s->mentions[i];
        hmap_insert(&l->mentions, &m->hmap_node, ip_hash(&m->ip));
    }
}

/* True if the node of 'w' has the label of 's': it is announced, or was before
 * by ovn-kubernetes, and will be. */
static bool
is_labelled(const struct view_service *s, const struct view_work *w)
{
    return (s->label->key
            && (schedule_is_adopted(w)
                || (w->next->state == WORK_ACTIVE
                    && (w->next->frozen ? w->role_before == ROLE_HOST
                        : s->choice->host != NULL))));
}

static void
record_parts(struct ledger *l, const struct view_service *s,
             struct ledger_entry *entry)
{
    entry->parts = xmalloc(s->n_works * sizeof *entry->parts);
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];
        struct ledger_part *p = &entry->parts[entry->n_parts++];

        *p = (struct ledger_part) {
            .entry = entry,
            .node = w->node,
            .live = schedule_is_live(w),
            .labelled = is_labelled(s, w),
        };
        node_sets_find(w, p->wants_set);
        ovs_list_push_back(&ledger_node(l, p->node)->parts, &p->list_node);
        ledger_touch(l, p->node);
    }
}

static void
record_label(struct ledger *l, const struct view_service *s,
             struct ledger_entry *entry)
{
    if (s->label->key) {
        entry->label = xstrdup(s->label->key);
        entry->odd_label = s->label->is_odd;
        l->n_odd_labels += s->label->is_odd;
    }
}

/* If all services are planned, all nodes are written. */
static void
touch_all_nodes(struct view *v)
{
    const struct view_node *node;

    HMAP_FOR_EACH (node, hmap_node, &v->nodes) {
        ledger_touch(v->ledger, node);
    }
}

/* Enters the addresses of the Services without EgressService.  None of them is
 * a service of the view. */
static void
record_plains(struct view *v)
{
    struct ledger *l = v->ledger;

    for (size_t i = 0; i < v->n_plains && v->keys; i++) {
        ledger_check_plain(l, &v->plains[i]);
    }
    for (size_t i = 0; i < v->n_plains; i++) {
        const struct view_plain *p = &v->plains[i];

        ledger_record_plain(l, p, ledger_get(l, p->key));
    }
}

void
ledger_record(struct view *v)
{
    struct ledger *l = v->ledger;
    struct view_service *s;

    if (!v->keys) {
        touch_all_nodes(v);
    }

    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (v->keys) {
            ledger_check_addresses(v, s);
        }
    }
    record_plains(v);
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        struct ledger_entry *entry = ledger_get(l, s->key);

        record_claims(v, s, entry);
        record_mentions(l, s, entry);
        ledger_record_addresses(v, s, entry);
        record_parts(l, s, entry);
        record_label(l, s, entry);
        entry->host = s->choice->host;
        if (s->choice->is_new) {
            ovs_list_push_back(&l->unsettled, &entry->unsettled_node);
        }
    }
}

/* True if who has the label of 'e' concerns others. */
static bool
label_matters(const struct view *v, const struct ledger_entry *e)
{
    return e && e->label && (v->ledger->n_odd_labels
                             || sset_contains(&v->asked_labels, e->label));
}

bool
ledger_labels_changed(const struct view *v, const struct sset *keys)
{
    const char *key;

    SSET_FOR_EACH (key, keys) {
        const struct ledger_entry *new = ledger_find(v->ledger, key);
        const struct ledger_entry *old = ledger_find_withdrawn(v->ledger, key);

        if (!nullable_string_is_equal(new ? new->label : NULL,
                                      old ? old->label : NULL)
            && (label_matters(v, new) || label_matters(v, old))) {
            return true;
        }
    }
    return false;
}

/* Rows. */

static void
own(const struct plan_rows *rows, size_t *mark, struct plan_rows *owner)
{
    if (*mark < rows->n) {
        append(owner, &rows->rows[*mark], rows->n - *mark);
        *mark = rows->n;
    }
}

static void
own_rows(const struct view *v, struct plan_db_rows *owner)
{
    own(&v->plan->nb, &v->ledger->n_nb, &owner->nb);
    own(&v->plan->work, &v->ledger->n_work, &owner->work);
}

void
ledger_own_rows(const struct view *v, const char *key)
{
    const struct ledger *l = v->ledger;

    if (l->n_nb < v->plan->nb.n || l->n_work < v->plan->work.n) {
        own_rows(v, &ledger_get(v->ledger, key)->rows);
    }
}

void
ledger_renew_rows(const struct view *v, struct plan_db_rows *owner)
{
    make_stale(v->ledger, owner);
    own_rows(v, owner);
}

void
ledger_own_commons(const struct view *v)
{
    own_rows(v, &v->ledger->commons);
}

void
ledger_own_common(struct ledger *l, struct plan_row *row)
{
    append(&l->commons.nb, &row, 1);
}

void
ledger_skip_rows(const struct view *v)
{
    v->ledger->n_nb = v->plan->nb.n;
    v->ledger->n_work = v->plan->work.n;
}
