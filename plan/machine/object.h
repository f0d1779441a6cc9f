/* SPDX-License-Identifier: Apache-2.0 */

/* Objects of the kernel as values: rules, routes, links and so on, as they
 * are wanted and as they are.
 *
 * Each is a struct that begins with "struct machine_object", whose class says
 * how it is compared and what it looks like to people.  Text is only made,
 * never read.  plan/machine/ makes what is wanted, node/kind-*.c what is
 * there; both are sorted, and compared by the one diff (plan/rows/diff.h).
 * Pure. */

#ifndef PLAN_MACHINE_OBJECT_H
#define PLAN_MACHINE_OBJECT_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "openvswitch/compiler.h"
#include "plan/rows/diff.h"
#include "svec.h"

struct ds;
struct machine_text;

struct machine_class {
    const char *name;           /* For people, and by which sets are sorted. */
    size_t size;                /* Of the struct. */

    /* The order of objects of the class.  Those that are equal are in the same
     * place: there can be one of them. */
    int (*compare)(const void *, const void *);

    /* True if 'have' is all that 'want', in the same place, says.  NULL: it
     * always is. */
    bool (*is_satisfied)(const void *have, const void *want);

    /* Appends the place. */
    void (*format)(const void *, struct ds *);

    /* Adds everything else that may be wanted, in order of names.  NULL if
     * there is nothing. */
    void (*describe)(const void *, struct machine_text *);

    /* Frees what the struct points to.  May be NULL. */
    void (*destroy)(void *);
};

struct machine_object {
    const struct machine_class *class;
    struct svec origins;        /* Whom it is for (machine.h), if wanted. */
    unsigned int seq;           /* The earlier one prevails. */
    uint8_t protocol;           /* Who made it, where the kernel tells. */
    unsigned int n_refs;        /* Owners beside the first. */
};

/* Sorted by class and place once machine_objects_sort() was called. */
struct machine_objects {
    struct machine_object **items;
    size_t n, allocated;
};

void machine_objects_init(struct machine_objects *);
void machine_objects_destroy(struct machine_objects *);
void machine_objects_sort(struct machine_objects *);

/* Removes all but the first 'n'. */
void machine_objects_truncate(struct machine_objects *, size_t n);

/* Adds 'object', which 'objects' owns from now on. */
void machine_objects_push(struct machine_objects *, struct machine_object *);

/* Adds a copy of 'object', of a struct of its class, which takes what that
 * points to.  Returns it. */
struct machine_object *machine_objects_add(struct machine_objects *,
                                           const void *object);

/* Returns the object in the place of 'object', or NULL.  The objects must be
 * sorted. */
const void *machine_objects_find(const struct machine_objects *,
                                 const void *object);

/* Merges those in the same place, which are sorted by it.  Calls 'merge' for
 * each that follows another one there; what that returns stays. */
void machine_objects_merge(struct machine_objects *,
                           struct machine_object *(*merge)(
                               struct machine_object *,
                               struct machine_object *, void *aux),
                           void *aux);

/* Returns 'object', which is destroyed once more often. */
struct machine_object *machine_object_ref(struct machine_object *object);
void machine_object_destroy(struct machine_object *);

/* By class and place. */
int machine_object_compare(const struct machine_object *,
                           const struct machine_object *);

/* True if 'have', in the same place, is as 'want' says. */
bool machine_object_is_satisfied(const struct machine_object *have,
                                 const struct machine_object *want);

/* Changes. */

struct machine_change {
    enum plan_change_type type;
    const struct machine_object *have;          /* NULL to insert. */
    const struct machine_object *want;          /* NULL to delete. */
};

/* The object that 'change' is about: the wanted one if there is one. */
const struct machine_object *machine_change_object(
    const struct machine_change *);

/* Calls 'cb' for each object that is not the same in both, sorted. */
void machine_objects_diff(const struct machine_objects *have,
                          const struct machine_objects *want,
                          void (*cb)(const struct machine_change *, void *aux),
                          void *aux);

/* Text (object-text.c). */

/* "CLASS PLACE", with quotes around the place if 'quoted'.  The caller frees
 * it. */
char *machine_object_name(const struct machine_object *, bool quoted);

/* The origins, separated by ", ".  The caller frees it. */
char *machine_object_origins(const struct machine_object *);

/* Append the whole of it, with a line for each field, or what it changes. */
void machine_object_format(const struct machine_object *, struct ds *);
void machine_change_format(const struct machine_change *, struct ds *);

/* For "describe": adds field 'name'; a string that is no word is quoted. */
void machine_text_put(struct machine_text *, const char *name,
                      const char *format, ...) OVS_PRINTF_FORMAT(3, 4);
void machine_text_put_string(struct machine_text *, const char *name,
                             const char *value);

/* The same for a field that has any number of members, to be added to what is
 * returned; 'brackets' are "[]" or "{}". */
struct svec *machine_text_put_list(struct machine_text *, const char *name,
                                   const char *brackets);

/* Returns 's', quoted if it is no word.  The caller frees it. */
char *machine_text_quote(const char *s);

#endif /* plan/machine/object.h */
