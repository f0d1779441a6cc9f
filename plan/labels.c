/* SPDX-License-Identifier: Apache-2.0 */

/* Labels: the key that each service puts on its host, by which a
 * BGPAdvertisement finds it, and which nodes have it.
 *
 * The key is egress-service.k8s.ovn.org/NAMESPACE-NAME, as ovn-kubernetes has
 * it.  That is not unique ("a-b" and "c", "a" and "b-c") and may be longer
 * than a label can be; then a hash takes the place of the end. */

#include <config.h>

#include "plan/view.h"

#include <stdlib.h>
#include <string.h>

#include "sha1.h"
#include "util.h"

/* The longest name part of a label's key (Kubernetes, "Labels and
 * Selectors"). */
#define MAX_NAME 63
#define HASH_DIGITS 8

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

static void
take_key(struct view *v, struct view_service *s, const char *key)
{
    s->label = sset_add(&v->labels, key)->name;
}

/* Gives 's' the key that it has, if it is still one that it could have. */
static void
keep_key(struct view *v, struct view_service *s)
{
    const char *old = smap_get_def(s->prior_status, "label", "");
    char *plain = plain_key(s);
    char *hashed = hashed_key(s);

    if (!strcmp(old, hashed)
        || (!strcmp(old, plain)
            && strlen(plain) - strlen(VIEW_LABEL_PREFIX"/") <= MAX_NAME)) {
        if (!sset_contains(&v->labels, old)) {
            take_key(v, s, old);
        }
    }
    free(plain);
    free(hashed);
}

static void
give_key(struct view *v, struct view_service *s)
{
    char *plain = plain_key(s);
    bool is_long = strlen(plain) - strlen(VIEW_LABEL_PREFIX"/") > MAX_NAME;

    if (!s->label) {
        if (is_long || sset_contains(&v->labels, plain)) {
            char *hashed = hashed_key(s);
            take_key(v, s, hashed);
            free(hashed);
        } else {
            take_key(v, s, plain);
        }
    }
    if (strcmp(s->label, plain)) {
        s->label_note = xasprintf(
            "the node's label is %s, because \"%s-%s\" %s", s->label,
            s->namespace, s->name,
            is_long ? "is longer than a label's name can be"
            : "is or was taken by another EgressService");
    }
    free(plain);
}

/* Gives each service the key of its label: first those that have one. */
void
labels_assign(struct view *v)
{
    for (size_t i = 0; i < v->n_services; i++) {
        keep_key(v, v->service_array[i]);
    }
    for (size_t i = 0; i < v->n_services; i++) {
        give_key(v, v->service_array[i]);
    }
}

/* Puts the labels on the nodes that are to be announced. */
void
labels_place(struct view *v)
{
    struct view_work *w;

    HMAP_FOR_EACH (w, hmap_node, &v->works) {
        if (w->after == WORK_ACTIVE && w->service->host
            && w->service->label) {
            sset_add(&w->node->our_labels, w->service->label);
        }
    }
}
