/* SPDX-License-Identifier: Apache-2.0 */

/* Labels: the key that each service puts on its host, by which a
 * BGPAdvertisement finds it, and which nodes have it.
 *
 * The key is egress-service.k8s.ovn.org/NAMESPACE-NAME, as ovn-kubernetes has
 * it.  That is not unique ("a-b" and "c", "a" and "b-c") and may be longer
 * than a label can be; then a hash takes the place of the end. */

#include <config.h>

#include "plan/decide/labels.h"

#include <stdlib.h>
#include <string.h>

#include "plan/decide/decide.h"
#include "sha1.h"
#include "util.h"

/* The longest name part of a label's key (Kubernetes, "Labels and
 * Selectors"). */
#define MAX_NAME 63
#define HASH_DIGITS 8

/* What is decided. */
struct labels {
    struct service_label *items;        /* By service->index. */
};

/* Returns what is decided for 's', to change it. */
static struct service_label *
label_of(const struct view *v, const struct view_service *s)
{
    return &v->service_labels->items[s->index];
}

void
labels_begin(struct view *v)
{
    struct labels *labels = xmalloc(sizeof *labels);
    struct view_service *s;

    labels->items = xcalloc(hmap_count(&v->services), sizeof *labels->items);
    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        s->label = &labels->items[s->index];
    }
    v->service_labels = labels;
}

void
labels_forget(struct view *v)
{
    if (v->service_labels) {
        for (size_t i = 0; i < hmap_count(&v->services); i++) {
            free(v->service_labels->items[i].note);
        }
        free(v->service_labels->items);
        free(v->service_labels);
        v->service_labels = NULL;
    }
}

static char *
plain_key(const struct view_service *s)
{
    return xasprintf(VIEW_LABEL_PREFIX"/%s-%s", s->namespace, s->name);
}

static char *
hashed_key(const struct view_service *s)
{
    uint8_t digest[SHA1_DIGEST_SIZE];
    char hex[SHA1_HEX_DIGEST_LEN + 1];
    char *name = xasprintf("%s-%s", s->namespace, s->name);

    sha1_bytes(s->key, strlen(s->key), digest);
    sha1_to_hex(digest, hex);
    char *key = xasprintf(VIEW_LABEL_PREFIX"/%.*s-%.*s",
                          MAX_NAME - HASH_DIGITS - 1, name, HASH_DIGITS, hex);
    free(name);
    return key;
}

/* True if no service has the key yet.  If one has, its turn may have come only
 * because not all services are planned. */
static bool
is_free(struct view *v, const char *key)
{
    bool taken = sset_contains(&v->labels, key);

    v->ledger->clash = v->ledger->clash || taken;
    return !taken;
}

/* Gives 's' the key, which must be free. */
static void
take_key(struct view *v, const struct view_service *s,
         const char *key)
{
    label_of(v, s)->key = sset_add(&v->labels, key)->name;
}

/* True if 'key' is one that 's' could have. */
static bool
may_have_key(const struct view_service *s, const char *key)
{
    char *plain = plain_key(s);
    bool ok = (!strcmp(key, plain)
               && strlen(plain) - strlen(VIEW_LABEL_PREFIX"/") <= MAX_NAME);

    free(plain);
    if (!ok) {
        char *hashed = hashed_key(s);

        ok = !strcmp(key, hashed);
        free(hashed);
    }
    return ok;
}

/* Gives 's' the key that it has, if it is still one that it could have. */
static void
keep_key(struct view *v, const struct view_service *s)
{
    const char *old = smap_get_def(s->prior_status, "label", "");

    if (*old && may_have_key(s, old) && is_free(v, old)) {
        take_key(v, s, old);
    }
}

static void
give_key(struct view *v, const struct view_service *s)
{
    struct service_label *label = label_of(v, s);
    char *plain = plain_key(s);
    bool is_long = strlen(plain) - strlen(VIEW_LABEL_PREFIX"/") > MAX_NAME;

    if (!label->key) {
        if (is_long || !is_free(v, plain)) {
            char *hashed = hashed_key(s);
            take_key(v, s, hashed);
            free(hashed);
        } else {
            take_key(v, s, plain);
        }
    }
    if (strcmp(label->key, plain)) {
        label->note = xasprintf(
            "the node's label is %s, because \"%s-%s\" %s", label->key,
            s->namespace, s->name,
            is_long ? "is longer than a label's name can be"
            : "is or was taken by another EgressService");
        label->is_odd = !is_long;
    }
    free(plain);
}

/* Gives 's', whose EgressService is deleted, the key that its former host may
 * still need to be announced. */
static void
keep_former_key(struct view *v, const struct view_service *s)
{
    for (size_t i = 0; i < s->n_works && !s->label->key; i++) {
        const char *key;

        SSET_FOR_EACH (key, &s->works[i]->node->prior_labels) {
            if (may_have_key(s, key) && is_free(v, key)) {
                take_key(v, s, key);
                break;
            }
        }
    }
}

void
labels_assign(struct view *v)
{
    struct view_service *s;

    HMAP_FOR_EACH (s, hmap_node, &v->services) {
        if (!s->es) {
            keep_former_key(v, s);
        }
    }
    for (size_t i = 0; i < v->n_services; i++) {
        keep_key(v, v->service_array[i]);
    }
    for (size_t i = 0; i < v->n_services; i++) {
        give_key(v, v->service_array[i]);
    }
}

struct intent_map
labels_get(const struct view *v, const struct view_node *node)
{
    const struct sset *ours = &ledger_node(v->ledger, node)->labels;
    struct intent_map map = { .n = 0 };
    const char *key;

    map.pairs = xmalloc((node->labels.n + sset_count(ours))
                        * sizeof *map.pairs);
    for (size_t i = 0; i < node->labels.n; i++) {
        if (!view_is_our_label(node->labels.pairs[i].key)) {
            map.pairs[map.n++] = node->labels.pairs[i];
        }
    }
    SSET_FOR_EACH (key, ours) {
        map.pairs[map.n++] = (struct intent_pair) {
            CONST_CAST(char *, key), CONST_CAST(char *, "")
        };
    }
    intent_map_sort(&map);
    return map;
}

void
labels_place(struct view *v)
{
    struct hmapx_node *hn;

    HMAPX_FOR_EACH (hn, &v->ledger->touched) {
        struct ledger_node *node = hn->data;
        const struct ledger_part *part;

        sset_clear(&node->labels);
        LIST_FOR_EACH (part, list_node, &node->parts) {
            if (part->labelled) {
                sset_add(&node->labels, part->entry->label);
            }
        }
    }
}
