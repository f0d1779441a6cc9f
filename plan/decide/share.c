/* SPDX-License-Identifier: Apache-2.0 */

/* Sharing: services that have an ingress address in common, as with MetalLB's
 * annotation allow-shared-ip.
 *
 * An address comes in and goes out at one node, through one network.  So those
 * that share one share their host.  Where that cannot be, the younger one gets
 * none and is Conflicted, and the older one works.  Called by plan.c before
 * select.c, which it asks which nodes suit a service.
 *
 * A plain Service (plain.c) has no host, but is served by nodes with an
 * endpoint of it alone.  An older one is heeded like an older service; a
 * younger one gets what comes in at the host, and a warning if that is
 * nothing. */

#include <config.h>

#include "plan/decide/share.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/decide.h"
#include "plan/rows/ip-hash.h"
#include "util.h"

/* An ingress address, and the services that have it without a conflict. */
struct shared_address {
    struct hmap_node hmap_node; /* In shares->addresses, by 'ip'. */
    struct in6_addr ip;
    struct view_service **services;
    size_t n, allocated;
    struct view_work **rows;    /* Whose row has it until now, of whatever
                                 * service. */
    size_t n_rows, allocated_rows;
};

/* What is decided. */
struct shares {
    struct service_share *services;     /* By service->index... */
    struct share_group **group_of;      /* ...and their groups, to change
                                         * them. */
    struct hmap addresses;      /* Of "struct shared_address". */
    struct share_group **groups;
    size_t n_groups, allocated_groups;
};

/* Returns what is decided for 's', to change it. */
static struct service_share *
share_of(const struct view *v, const struct view_service *s)
{
    return &v->shares->services[s->index];
}

/* Makes 'g' the group of 's'. */
static void
set_group(const struct view *v, const struct view_service *s,
          struct share_group *g)
{
    share_of(v, s)->group = v->shares->group_of[s->index] = g;
}

/* Returns the group of 's', to change it, or NULL. */
static struct share_group *
group_of(const struct view *v, const struct view_service *s)
{
    return v->shares->group_of[s->index];
}

/* Addresses. */

static struct shared_address *
find_address(const struct view *v, const struct in6_addr *ip)
{
    struct shared_address *a;

    HMAP_FOR_EACH_WITH_HASH (a, hmap_node, ip_hash(ip),
                             &v->shares->addresses) {
        if (!memcmp(&a->ip, ip, sizeof *ip)) {
            return a;
        }
    }
    return NULL;
}

static struct shared_address *
get_address(struct view *v, const struct in6_addr *ip)
{
    struct shared_address *a = find_address(v, ip);

    if (!a) {
        a = xzalloc(sizeof *a);
        a->ip = *ip;
        hmap_insert(&v->shares->addresses, &a->hmap_node, ip_hash(ip));
    }
    return a;
}

static void
add_owner(struct view *v, const struct in6_addr *ip, struct view_service *s)
{
    struct shared_address *a = get_address(v, ip);

    if (a->n >= a->allocated) {
        a->services = x2nrealloc(a->services, &a->allocated,
                                 sizeof *a->services);
    }
    a->services[a->n++] = s;
}

/* Notes which addresses the row of 'w' has until now. */
static void
add_row(struct view *v, struct view_work *w)
{
    const struct plan_column *c = share_get_row_ingress(w);

    for (unsigned int i = 0; c && i < c->datum.n; i++) {
        struct in6_addr ip;

        if (ip_addr_parse(json_string(c->datum.keys[i].s), &ip)) {
            struct shared_address *a = get_address(v, &ip);

            if (a->n_rows >= a->allocated_rows) {
                a->rows = x2nrealloc(a->rows, &a->allocated_rows,
                                     sizeof *a->rows);
            }
            a->rows[a->n_rows++] = w;
        }
    }
}

/* Groups. */

/* Returns the group of 's', which is made if it has none. */
static struct share_group *
get_group(struct view *v, struct view_service *s)
{
    struct shares *shares = v->shares;
    struct share_group *g = group_of(v, s);

    if (!g) {
        g = xzalloc(sizeof *g);
        set_group(v, s, g);
        g->members = xmalloc(sizeof *g->members);
        g->members[0] = s;
        g->n = g->allocated = 1;
        g->nodes = xmalloc(v->n_nodes * sizeof *g->nodes);
        for (size_t i = 0; i < v->n_nodes; i++) {
            if (select_suits(v, s, v->node_array[i])) {
                g->nodes[g->n_nodes++] = v->node_array[i];
            }
        }
        if (shares->n_groups >= shares->allocated_groups) {
            shares->groups = x2nrealloc(shares->groups,
                                         &shares->allocated_groups,
                                         sizeof *shares->groups);
        }
        shares->groups[shares->n_groups++] = g;
    }
    return g;
}

/* Leaves in 'nodes' those, by name, that are in 'g' too.  Returns how
 * many. */
static size_t
intersect(const struct view_node **nodes, size_t n,
          const struct share_group *g)
{
    size_t n_left = 0;

    for (size_t i = 0, j = 0; i < n && j < g->n_nodes; ) {
        int cmp = strcmp(nodes[i]->name, g->nodes[j]->name);

        if (!cmp) {
            nodes[n_left++] = nodes[i];
        }
        i += cmp <= 0;
        j += cmp >= 0;
    }
    return n_left;
}

static bool
have_common_node(const struct share_group *g, const struct share_group *h)
{
    const struct view_node **nodes
        = xmemdup(g->nodes, g->n_nodes * sizeof *nodes);
    size_t n = intersect(nodes, g->n_nodes, h);

    free(nodes);
    return n > 0;
}

static int
compare_age(const void *a_, const void *b_)
{
    const struct view_service *const *a = a_;
    const struct view_service *const *b = b_;

    return view_compare_age((*a)->es, (*b)->es);
}

/* Makes the members of 'h' members of 'g'. */
static void
merge(const struct view *v, struct share_group *g, struct share_group *h)
{
    for (size_t i = 0; i < h->n; i++) {
        if (g->n >= g->allocated) {
            g->members = x2nrealloc(g->members, &g->allocated,
                                    sizeof *g->members);
        }
        g->members[g->n++] = h->members[i];
        set_group(v, h->members[i], g);
    }
    qsort(g->members, g->n, sizeof *g->members, compare_age);
    g->n_nodes = intersect(g->nodes, g->n_nodes, h);
    h->n = 0;
}

/* Takes 's', the youngest of its group, out of it. */
static void
leave_group(const struct view *v, const struct view_service *s)
{
    struct share_group *g = group_of(v, s);

    if (g) {
        for (size_t i = g->n; i-- > 0; ) {
            if (g->members[i] == s) {
                memmove(&g->members[i], &g->members[i + 1],
                        (g->n - i - 1) * sizeof *g->members);
                g->n--;
                break;
            }
        }
        set_group(v, s, NULL);
    }
}

/* Deciding. */

/* Returns why 's' cannot share an address with 'owner', or NULL if it can. */
static const char *
find_obstacle(struct view *v, struct view_service *s,
              struct view_service *owner)
{
    if (s->by_network || owner->by_network) {
        return (s->by_network && owner->by_network ? NULL
                : "only one of them has spec.sourceIPBy Network");
    } else if (strcmp(s->es->egress_service.network,
                      owner->es->egress_service.network)) {
        return "their spec.network differs";
    }
    return (have_common_node(get_group(v, s), get_group(v, owner)) ? NULL
            : "no node can be the host of both (spec.nodeSelector, "
            "externalTrafficPolicy Local, or what a node lacks)");
}

/* Leaves in the group of 's' the nodes with an endpoint of 'p', which is older
 * and has 'ip' too.  Returns false if there is none. */
static bool
heed_plain(struct view *v, struct view_service *s, const struct in6_addr *ip,
           const struct view_plain *p)
{
    struct share_group *g = get_group(v, s);
    size_t n = 0;

    if (!g->n_nodes || !view_plain_serves(v, p, NULL)) {
        return true;            /* One of them works nowhere. */
    }
    for (size_t i = 0; i < g->n_nodes; i++) {
        if (view_plain_serves(v, p, g->nodes[i])) {
            g->nodes[n++] = g->nodes[i];
        }
    }
    g->n_nodes = n;
    if (!n) {
        char buf[IP_STRLEN];

        leave_group(v, s);
        share_of(v, s)->yields_to = p->svc;
        select_none(v, s, "AddressConflict", "Service %s, which is older, has "
                    "ingress address %s too, and no node that can be the host "
                    "has an endpoint of it (externalTrafficPolicy Local)",
                    p->key, ip_format(ip, buf));
    }
    return n > 0;
}

/* Heeds the older plain Services with an address of 's', but for an address
 * that is an older service's already.  Returns false if 's' has to yield. */
static bool
heed_plains(struct view *v, struct view_service *s)
{
    for (size_t i = 0; i < s->n_ingress; i++) {
        const struct in6_addr *ip = &s->ingress[i];
        const struct shared_address *a = find_address(v, ip);
        const struct view_plain *p = NULL;

        while (!(a && a->n) && (p = view_next_plain(v, ip, p)) != NULL
               && view_compare_age(p->svc, s->es) < 0) {
            if (!heed_plain(v, s, ip, p)) {
                return false;
            }
        }
    }
    return true;
}

/* Makes 's' share 'a' with those that have it.  Returns false if it cannot. */
static bool
share(struct view *v, struct shared_address *a, struct view_service *s)
{
    struct view_service *owner = a->services[0];
    const char *why;

    if (!owner->by_network && !get_group(v, owner)->n_nodes) {
        a->n = 0;               /* They have no host, so 's' is not in the
                                 * way. */
        return true;
    }
    why = find_obstacle(v, s, owner);
    if (why) {
        const struct view_service *older
            = owner->shared->group ? owner->shared->group->members[0] : owner;
        char buf[IP_STRLEN];

        leave_group(v, s);
        share_of(v, s)->with = older;
        select_none(v, s, "AddressConflict", "EgressService %s, which is "
                    "older, has ingress address %s too, and they cannot share "
                    "a host: %s", older->key, ip_format(&a->ip, buf), why);
        return false;
    } else if (!s->by_network && s->shared->group != owner->shared->group) {
        merge(v, group_of(v, owner), group_of(v, s));
    }
    return true;
}

void
share_run(struct view *v)
{
    struct view_work *w;

    HMAP_FOR_EACH (w, hmap_node, &v->works) {
        add_row(v, w);          /* Of former services, too. */
    }
    for (size_t i = 0; i < v->n_services; i++) {
        struct view_service *s = v->service_array[i];
        bool ok = (select_wants_host(v, s) ? heed_plains(v, s)
                   : s->choice->is_all && s->n_endpoints);

        for (size_t j = 0; j < s->n_ingress && ok; j++) {
            struct shared_address *a = find_address(v, &s->ingress[j]);

            ok = !a || !a->n || share(v, a, s);
        }
        for (size_t j = 0; j < s->n_ingress && ok; j++) {
            add_owner(v, &s->ingress[j], s);
        }
    }
}

void
share_begin(struct view *v)
{
    struct shares *shares = xzalloc(sizeof *shares);
    struct view_service *s;

    hmap_init(&shares->addresses);
    shares->services = xcalloc(hmap_count(&v->services),
                                sizeof *shares->services);
    shares->group_of = xcalloc(hmap_count(&v->services),
                                sizeof *shares->group_of);
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        s->shared = &shares->services[s->index];
    }
    v->shares = shares;
}

void
share_forget(struct view *v)
{
    struct shares *shares = v->shares;
    struct shared_address *a;

    if (!shares) {
        return;
    }
    HMAP_FOR_EACH_POP (a, hmap_node, &shares->addresses) {
        free(a->services);
        free(a->rows);
        free(a);
    }
    hmap_destroy(&shares->addresses);
    for (size_t i = 0; i < shares->n_groups; i++) {
        free(shares->groups[i]->members);
        free(shares->groups[i]->nodes);
        free(shares->groups[i]);
    }
    free(shares->groups);
    free(shares->group_of);
    free(shares->services);
    free(shares);
    v->shares = NULL;
}

/* Asking. */

size_t
share_get_address_rows(const struct view *v, const struct in6_addr *ip,
                       struct view_work *const **rows)
{
    const struct shared_address *a = find_address(v, ip);

    *rows = a ? a->rows : NULL;
    return a ? a->n_rows : 0;
}

const struct plan_column *
share_get_row_ingress(const struct view_work *w)
{
    return (w->prior && w->prior->row
            ? plan_row_get(w->prior->row, "ingress_ips") : NULL);
}

bool
share_row_has_ingress(const struct view_work *w, const struct in6_addr *ip)
{
    char buf[IP_STRLEN];

    return (w->prior
            && plan_row_has(w->prior->row, "ingress_ips",
                            ip_format(ip, buf)));
}

/* True if a node is still announced as the host that 's' had. */
static bool
leaves_host(const struct view_service *s)
{
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];

        if (w->next->frozen && w->node->alive && w->role_before == ROLE_HOST
            && w->next->state == WORK_ACTIVE) {
            return true;
        }
    }
    return false;
}

/* True if 's' is about to have its first host, and is still announced as if
 * there were no EgressService. */
static bool
is_new(const struct view_service *s)
{
    for (size_t i = 0; i < s->n_works; i++) {
        const struct view_work *w = s->works[i];

        if (w->before == WORK_ACTIVE || w->next->state == WORK_ACTIVE) {
            return false;
        }
    }
    return s->choice->host != NULL;
}

/* Others would get the answers to what leaves by the host. */
bool
share_is_bound(const struct view_service *s)
{
    return s && (leaves_host(s)
                 || (s->es && (!s->by_network || s->shared->with)
                     && !is_new(s)));
}

struct view_service *
share_find_host(const struct view *v, const struct in6_addr *ip)
{
    const struct shared_address *a = find_address(v, ip);
    struct view_service *former = NULL;

    for (size_t i = 0; a && i < a->n; i++) {
        if (a->services[i]->choice->host || leaves_host(a->services[i])) {
            return a->services[i];
        }
    }
    for (size_t i = 0; a && i < a->n_rows; i++) {
        struct view_service *s = a->rows[i]->service;

        if ((!former || strcmp(s->key, former->key) < 0) && leaves_host(s)) {
            former = s;         /* The rows are in no order. */
        }
    }
    return former;
}

struct view_service *
share_find_all(const struct view *v, const struct in6_addr *ip)
{
    const struct shared_address *a = find_address(v, ip);
    struct view_service *newest = NULL;

    for (size_t i = 0; a && i < a->n; i++) {
        struct view_service *s = a->services[i];

        if (s->choice->is_all
            && (!newest || (s->next->rank_of_all.epoch
                            > newest->next->rank_of_all.epoch))) {
            newest = s;
        }
    }
    return newest;
}

bool
share_is_announced_for_other(const struct view *v, const struct view_work *w,
                             const struct in6_addr *ip)
{
    const struct shared_address *a = find_address(v, ip);

    for (size_t i = 0; a && i < a->n; i++) {
        const struct view_work *other
            = view_find_work(v, w->node, a->services[i]);

        if (other && other != w && other->next->state == WORK_ACTIVE) {
            return true;
        }
    }
    return false;
}
