/* SPDX-License-Identifier: Apache-2.0 */

/* The label of each service, which its host has.
 *
 * All may read what is decided, through service->label; only labels.c can
 * change it, for the memory is its own. */

#ifndef PLAN_DECIDE_LABELS_H
#define PLAN_DECIDE_LABELS_H 1

#include "plan/world/view.h"

/* Of one service. */
struct service_label {
    const char *key;            /* In view->labels, or NULL. */
    char *note;                 /* Why it is not the usual key, or NULL. */
    bool is_odd;                /* Not the usual one, though it is short. */
};

/* Gives each service that is planned a label, of nothing yet; and takes them
 * back. */
void labels_begin(struct view *);
void labels_forget(struct view *);

/* Gives each service the key of its label: first those that have one. */
void labels_assign(struct view *);

/* Puts the labels on the nodes that are to be announced. */
void labels_place(struct view *);

/* Returns the labels that a node should have: those of its manifest, and ours.
 * The caller frees the array, which borrows its strings. */
struct intent_map labels_get(const struct view *, const struct view_node *);

#endif /* plan/decide/labels.h */
