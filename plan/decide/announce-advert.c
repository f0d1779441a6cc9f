/* SPDX-License-Identifier: Apache-2.0 */

/* BGPAdvertisements, found by pool and node.  See announce-advert.h. */

#include <config.h>

#include "plan/decide/announce-advert.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/decide/decide.h"
#include "util.h"

/* Reading. */

static void
read_aliases(struct adverts *a, const struct view *v)
{
    for (size_t i = 0; i < v->kinds[INTENT_COMMUNITY].n; i++) {
        const struct intent_map *aliases
            = &v->kinds[INTENT_COMMUNITY].objs[i]->community.aliases;

        for (size_t j = 0; j < aliases->n; j++) {
            shash_add_once(&a->aliases, aliases->pairs[j].key,
                           aliases->pairs[j].value);
        }
    }
}

/* Adds the communities that 'names' are, or sets '*unknown' to one that is
 * none. */
static void
read_communities(const struct adverts *a, const struct intent_strings *names,
                 struct sset *communities, const char **unknown)
{
    for (size_t i = 0; i < names->n; i++) {
        const char *value = (strchr(names->items[i], ':') ? names->items[i]
                             : shash_find_data(&a->aliases, names->items[i]));

        if (!value) {
            *unknown = names->items[i];
        } else if (!strncmp(value, "large:", 6)) {
            sset_add_and_free(communities,
                              xasprintf("large-community=%s", value + 6));
        } else {
            sset_add_and_free(communities, xasprintf("community=%s", value));
        }
    }
}

/* Returns what 'obj' says as text: who says the same has the same text. */
static char *
advert_key(const struct intent_object *obj)
{
    const struct intent_bgp_advertisement *ad = &obj->advertisement;
    struct ds s = DS_EMPTY_INITIALIZER;

    for (size_t i = 0; i < ad->peers.n; i++) {
        ds_put_format(&s, "%s,", ad->peers.items[i]);
    }
    ds_put_format(&s, " %u %u %"PRId64" ", ad->aggregation_length[IP_V4],
                  ad->aggregation_length[IP_V6], ad->local_pref);
    for (size_t i = 0; i < ad->communities.n; i++) {
        ds_put_format(&s, "%s,", ad->communities.items[i]);
    }
    if (ad->service_selectors.n) {
        ds_put_format(&s, " %s", intent_object_id(obj));
    }
    return ds_steal_cstr(&s);
}

static struct advert *
get_advert(struct adverts *a, const struct intent_object *obj)
{
    const struct intent_bgp_advertisement *ad = &obj->advertisement;
    char *key = advert_key(obj);
    struct advert *advert = shash_find_data(&a->adverts, key);

    if (!advert) {
        advert = xmalloc(sizeof *advert);
        *advert = (struct advert) {
            .obj = obj,
            .peers = &ad->peers,
            .services = &ad->service_selectors,
            .length[IP_V4] = ad->aggregation_length[IP_V4],
            .length[IP_V6] = ad->aggregation_length[IP_V6],
            .local_pref = ad->local_pref,
            .communities = SSET_INITIALIZER(&advert->communities),
        };
        read_communities(a, &ad->communities, &advert->communities,
                         &advert->unknown_alias);
        shash_add(&a->adverts, key, advert);
    }
    free(key);
    return advert;
}

/* Returns the key of one of our labels that 'selector' asks for, or NULL. */
static const char *
our_label(const struct intent_selector *selector)
{
    for (size_t i = 0; i < selector->n; i++) {
        const struct intent_requirement *r = &selector->reqs[i];

        if (!strncmp(r->key, VIEW_LABEL_PREFIX"/",
                     strlen(VIEW_LABEL_PREFIX"/"))
            && (r->op == INTENT_SEL_IN || r->op == INTENT_SEL_EXISTS)) {
            return r->key;
        }
    }
    return NULL;
}

static void
list_add(struct advert_list *list, const struct advert_use *use)
{
    if (list->n >= list->allocated) {
        list->uses = x2nrealloc(list->uses, &list->allocated,
                                sizeof *list->uses);
    }
    list->uses[list->n++] = *use;
}

static void
pool_add(struct advert_pool *pool, const struct advert_use *use)
{
    const struct intent_selectors *nodes
        = &use->obj->advertisement.node_selectors;
    bool general = !nodes->n;

    for (size_t i = 0; i < nodes->n && !general; i++) {
        general = !our_label(&nodes->items[i]);
    }
    if (general) {
        list_add(&pool->general, use);
        return;
    }
    for (size_t i = 0; i < nodes->n; i++) {
        const char *label = our_label(&nodes->items[i]);
        struct advert_list *list = shash_find_data(&pool->by_label, label);

        if (!list) {
            list = xzalloc(sizeof *list);
            shash_add(&pool->by_label, label, list);
        }
        list_add(list, use);
    }
}

void
adverts_init(struct adverts *a, const struct view *v,
             const struct allocator *pools)
{
    struct shash by_name = SHASH_INITIALIZER(&by_name);

    *a = (struct adverts) {
        .adverts = SHASH_INITIALIZER(&a->adverts),
        .aliases = SHASH_INITIALIZER(&a->aliases),
        .pools = xcalloc(pools->n_pools, sizeof *a->pools),
        .n_pools = pools->n_pools,
    };
    read_aliases(a, v);
    for (size_t i = 0; i < pools->n_pools; i++) {
        shash_init(&a->pools[i].by_label);
        shash_add_once(&by_name, pools->pools[i].obj->name, &a->pools[i]);
    }
    for (size_t i = 0; i < v->kinds[INTENT_BGP_ADVERTISEMENT].n; i++) {
        const struct intent_object *obj
            = v->kinds[INTENT_BGP_ADVERTISEMENT].objs[i];
        const struct intent_bgp_advertisement *ad = &obj->advertisement;
        const struct advert_use use = { obj, get_advert(a, obj) };

        for (size_t j = 0; j < ad->pools.n; j++) {
            struct advert_pool *pool = shash_find_data(&by_name,
                                                       ad->pools.items[j]);
            if (pool) {
                pool_add(pool, &use);
            }
        }
        for (size_t j = 0; j < pools->n_pools
             && (ad->pool_selectors.n || !ad->pools.n); j++) {
            if (intent_selectors_match(ad->pool_selectors.items,
                                       ad->pool_selectors.n,
                                       &pools->pools[j].obj->labels)) {
                pool_add(&a->pools[j], &use);
            }
        }
    }
    shash_destroy(&by_name);
}

void
adverts_destroy(struct adverts *a)
{
    struct shash_node *sn;

    for (size_t i = 0; i < a->n_pools; i++) {
        SHASH_FOR_EACH (sn, &a->pools[i].by_label) {
            struct advert_list *list = sn->data;
            free(list->uses);
        }
        shash_destroy_free_data(&a->pools[i].by_label);
        free(a->pools[i].general.uses);
    }
    free(a->pools);
    SHASH_FOR_EACH (sn, &a->adverts) {
        struct advert *advert = sn->data;
        sset_destroy(&advert->communities);
    }
    shash_destroy_free_data(&a->adverts);
    shash_destroy(&a->aliases);
}

/* Finding. */

static bool
set_contains(const struct advert_set *set, const struct advert *advert)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->adverts[i] == advert) {
            return true;
        }
    }
    return false;
}

/* True if both have the same adverts, in whatever order. */
bool
advert_set_equals(const struct advert_set *a, const struct advert_set *b)
{
    for (size_t i = 0; i < a->n && a->n == b->n; i++) {
        if (!set_contains(b, a->adverts[i])) {
            return false;
        }
    }
    return a->n == b->n;
}

static void
set_add(struct advert_set *set, struct advert *advert)
{
    if (set_contains(set, advert)) {
        return;
    }
    if (set->n >= set->allocated) {
        set->adverts = x2nrealloc(set->adverts, &set->allocated,
                                  sizeof *set->adverts);
    }
    set->adverts[set->n++] = advert;
}

static void
set_add_list(struct advert_set *set, const struct advert_list *list,
             const struct intent_map *labels)
{
    for (size_t i = 0; i < list->n; i++) {
        const struct intent_selectors *nodes
            = &list->uses[i].obj->advertisement.node_selectors;

        if (intent_selectors_match(nodes->items, nodes->n, labels)) {
            set_add(set, list->uses[i].advert);
        }
    }
}

struct advert_set *
adverts_find(const struct adverts *a, size_t pool,
             const struct intent_map *labels, const struct sset *ours)
{
    struct advert_set *set = xzalloc(sizeof *set);
    const char **keys = sset_sort(ours);

    set_add_list(set, &a->pools[pool].general, labels);
    for (size_t i = 0; i < sset_count(ours); i++) {
        const struct advert_list *list
            = shash_find_data(&a->pools[pool].by_label, keys[i]);
        if (list) {
            set_add_list(set, list, labels);
        }
    }
    free(keys);
    return set;
}

void
advert_set_destroy(struct advert_set *set)
{
    if (set) {
        free(set->adverts);
        free(set);
    }
}

bool
advert_has_peer(const struct advert *advert, const char *peer)
{
    for (size_t i = 0; i < advert->peers->n; i++) {
        if (!strcmp(advert->peers->items[i], peer)) {
            return true;
        }
    }
    return !advert->peers->n;
}

bool
advert_has_service(const struct advert *advert,
                   const struct intent_map *labels)
{
    return intent_selectors_match(advert->services->items,
                                  advert->services->n, labels);
}
