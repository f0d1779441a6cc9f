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

/* Addresses, each once. */
struct addresses {
    struct in6_addr *ips;
    size_t n, allocated;
};

static void
add(struct addresses *a, const struct in6_addr *ip)
{
    for (size_t i = 0; i < a->n; i++) {
        if (!memcmp(&a->ips[i], ip, sizeof *ip)) {
            return;
        }
    }
    if (a->n >= a->allocated) {
        a->ips = x2nrealloc(a->ips, &a->allocated, sizeof *a->ips);
    }
    a->ips[a->n++] = *ip;
}

/* Adds those of the Service 'svc', which may be NULL. */
static void
collect(const struct view *v, const struct intent_object *svc,
        struct addresses *a)
{
    struct in6_addr ips[VIEW_MAX_INGRESS];
    size_t n = svc ? view_get_ingress(v, svc, ips, VIEW_MAX_INGRESS) : 0;

    for (size_t i = 0; i < n; i++) {
        add(a, &ips[i]);
    }
}

/* Adds those that 's' has, those of its older rows, which nodes may still
 * announce, and those of its Service, which are announced even if it has no
 * EgressService any more. */
static void
collect_all(const struct view *v, const struct view_service *s,
            struct addresses *a)
{
    if (v->announces) {
        collect(v, view_find_object(v, INTENT_SERVICE, s->namespace, s->name),
                a);
    }
    for (size_t i = 0; i < s->n_ingress; i++) {
        add(a, &s->ingress[i]);
    }
    for (size_t i = 0; i < s->n_works; i++) {
        const struct plan_column *c = share_get_row_ingress(s->works[i]);

        for (unsigned int j = 0; c && j < c->datum.n; j++) {
            struct in6_addr ip;

            if (ip_addr_parse(json_string(c->datum.keys[j].s), &ip)) {
                add(a, &ip);
            }
        }
    }
}

static void
collect_plain(const struct view_plain *p, struct addresses *a)
{
    for (size_t i = 0; i < p->n_ips; i++) {
        add(a, &p->ips[i].ip);
    }
}

/* Notes a clash if one of 'a' is there. */
static void
check(struct ledger *l, const struct addresses *a)
{
    for (size_t i = 0; i < a->n; i++) {
        const struct ledger_address *other;

        HMAP_FOR_EACH_WITH_HASH (other, hmap_node, ip_hash(&a->ips[i]),
                                 &l->addresses) {
            l->clash |= !memcmp(&other->ip, &a->ips[i], sizeof other->ip);
        }
    }
}

/* Enters 'a' as those of 'e', which has none yet. */
static void
enter(struct ledger *l, const struct addresses *a, struct ledger_entry *e)
{
    e->addresses = xcalloc(a->n, sizeof *e->addresses);
    e->n_addresses = a->n;
    for (size_t i = 0; i < a->n; i++) {
        e->addresses[i].entry = e;
        e->addresses[i].ip = a->ips[i];
        hmap_insert(&l->addresses, &e->addresses[i].hmap_node,
                    ip_hash(&a->ips[i]));
    }
}

void
ledger_check_addresses(struct view *v, const struct view_service *s)
{
    struct addresses a = { .n = 0 };

    collect_all(v, s, &a);
    check(v->ledger, &a);
    free(a.ips);
}

void
ledger_record_addresses(struct view *v, const struct view_service *s,
                        struct ledger_entry *e)
{
    struct addresses a = { .n = 0 };

    collect_all(v, s, &a);
    enter(v->ledger, &a, e);
    free(a.ips);
}

void
ledger_check_plain(struct ledger *l, const struct view_plain *p)
{
    struct addresses a = { .n = 0 };

    collect_plain(p, &a);
    check(l, &a);
    free(a.ips);
}

void
ledger_record_plain(struct ledger *l, const struct view_plain *p,
                    struct ledger_entry *e)
{
    struct addresses a = { .n = 0 };

    collect_plain(p, &a);
    enter(l, &a, e);
    free(a.ips);
}

void
ledger_note_addresses(struct view *v, const struct intent_object *svc,
                      struct ledger_entry *e)
{
    struct addresses a = { .n = 0 };

    if (!e->addresses) {
        collect(v, svc, &a);
        if (v->keys) {
            check(v->ledger, &a);
        }
        enter(v->ledger, &a, e);
        free(a.ips);
    }
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
