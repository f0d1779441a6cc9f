/* SPDX-License-Identifier: Apache-2.0 */

/* The ledger's ingress addresses.  See ledger.h; share.c decides who has
 * one. */

#include <config.h>

#include "plan/decide/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/decide.h"
#include "plan/rows/ip-hash.h"
#include "plan/world/view.h"
#include "sset.h"
#include "util.h"

typedef void address_cb(struct ledger *, struct ledger_entry *,
                        const struct in6_addr *);

/* Calls 'cb' for each address of the Service 'svc', which may be NULL. */
static void
for_each_of(const struct view *v, const struct intent_object *svc,
            address_cb *cb, struct ledger_entry *e)
{
    struct in6_addr ips[VIEW_MAX_INGRESS];
    size_t n = svc ? view_get_ingress(v, svc, ips, VIEW_MAX_INGRESS) : 0;

    for (size_t i = 0; i < n; i++) {
        cb(v->ledger, e, &ips[i]);
    }
}

/* Calls 'cb' for each address of 's': those that it has, those of its older
 * rows, which nodes may still announce, and those of its Service, which are
 * announced even if it has no EgressService any more. */
static void
for_each(const struct view *v, const struct view_service *s, address_cb *cb,
         struct ledger_entry *e)
{
    struct ledger *l = v->ledger;

    if (v->announces) {
        for_each_of(v, view_find_object(v, INTENT_SERVICE, s->namespace,
                                        s->name), cb, e);
    }
    for (size_t i = 0; i < s->n_ingress; i++) {
        cb(l, e, &s->ingress[i]);
    }
    for (size_t i = 0; i < s->n_works; i++) {
        const struct plan_prior_work *prior = s->works[i]->prior;
        const struct plan_column *c
            = prior && prior->row ? plan_row_get(prior->row, "ingress_ips")
              : NULL;

        for (unsigned int j = 0; c && j < c->datum.n; j++) {
            struct in6_addr ip;

            if (ip_addr_parse(json_string(c->datum.keys[j].s), &ip)) {
                cb(l, e, &ip);
            }
        }
    }
}

static void
check_one(struct ledger *l, struct ledger_entry *e OVS_UNUSED,
          const struct in6_addr *ip)
{
    const struct ledger_address *a;

    HMAP_FOR_EACH_WITH_HASH (a, hmap_node, ip_hash(ip), &l->addresses) {
        l->clash = l->clash || !memcmp(&a->ip, ip, sizeof *ip);
    }
}

void
ledger_check_addresses(struct view *v, const struct view_service *s)
{
    for_each(v, s, check_one, NULL);
}

static void
count_one(struct ledger *l OVS_UNUSED, struct ledger_entry *e,
          const struct in6_addr *ip OVS_UNUSED)
{
    e->n_addresses++;
}

/* Adds 'ip' to those of 'e', which are in the ledger as soon as there is no
 * more to come. */
static void
add_one(struct ledger *l OVS_UNUSED, struct ledger_entry *e,
        const struct in6_addr *ip)
{
    for (size_t i = 0; i < e->n_addresses; i++) {
        if (!memcmp(&e->addresses[i].ip, ip, sizeof *ip)) {
            return;
        }
    }
    e->addresses[e->n_addresses++] = (struct ledger_address) {
        .entry = e, .ip = *ip
    };
}

/* Enters the addresses of 'e'. */
static void
enter(struct ledger *l, struct ledger_entry *e)
{
    for (size_t i = 0; i < e->n_addresses; i++) {
        struct ledger_address *a = &e->addresses[i];

        hmap_insert(&l->addresses, &a->hmap_node, ip_hash(&a->ip));
    }
}

void
ledger_record_addresses(struct view *v, const struct view_service *s,
                        struct ledger_entry *e)
{
    e->n_addresses = 0;
    for_each(v, s, count_one, e);
    e->addresses = xcalloc(e->n_addresses, sizeof *e->addresses);
    e->n_addresses = 0;
    for_each(v, s, add_one, e);
    enter(v->ledger, e);
}

void
ledger_check_plain(struct ledger *l, const struct view_plain *p)
{
    for (size_t i = 0; i < p->n_ips; i++) {
        check_one(l, NULL, &p->ips[i].ip);
    }
}

void
ledger_record_plain(struct ledger *l, const struct view_plain *p,
                    struct ledger_entry *e)
{
    e->n_addresses = 0;
    e->addresses = xcalloc(p->n_ips, sizeof *e->addresses);
    for (size_t i = 0; i < p->n_ips; i++) {
        add_one(l, e, &p->ips[i].ip);
    }
    enter(l, e);
}

void
ledger_note_addresses(struct view *v, const struct intent_object *svc,
                      struct ledger_entry *e)
{
    if (e->addresses) {
        return;
    }
    if (v->keys) {
        for_each_of(v, svc, check_one, e);
    }
    e->n_addresses = 0;
    for_each_of(v, svc, count_one, e);
    e->addresses = xcalloc(e->n_addresses, sizeof *e->addresses);
    e->n_addresses = 0;
    for_each_of(v, svc, add_one, e);
    enter(v->ledger, e);
}

void
ledger_withdraw_addresses(struct ledger *l, const struct ledger_entry *e)
{
    for (size_t i = 0; i < e->n_addresses; i++) {
        hmap_remove(&l->addresses, &e->addresses[i].hmap_node);
    }
}

static bool
add_sharers(const struct ledger *l, const struct ledger_entry *e,
            struct sset *keys)
{
    bool any = false;

    for (size_t i = 0; i < e->n_addresses; i++) {
        const struct ledger_address *a;

        HMAP_FOR_EACH_WITH_HASH (a, hmap_node, ip_hash(&e->addresses[i].ip),
                                 &l->addresses) {
            if (!memcmp(&a->ip, &e->addresses[i].ip, sizeof a->ip)
                && a->entry != e) {
                any |= sset_add(keys, a->entry->key) != NULL;
            }
        }
    }
    return any;
}

void
ledger_find_sharers(const struct ledger *l, struct sset *keys)
{
    bool any = true;

    while (any) {
        const char **sorted = sset_array(keys);
        size_t n = sset_count(keys);

        any = false;
        for (size_t i = 0; i < n; i++) {
            const struct ledger_entry *e = ledger_find(l, sorted[i]);

            any |= e && add_sharers(l, e, keys);
        }
        free(sorted);
    }
}
