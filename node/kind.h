/* SPDX-License-Identifier: Apache-2.0 */

/* A kind of kernel object, as the reconciler sees it.
 *
 * A kind reads its objects from the kernel (plan/machine/machine.h says which
 * classes there are) and carries out changes of them.  node/reconcile.c calls
 * it, once a turn:
 *
 *     run()       for each kind: did somebody else change something?
 *     observe()   for each kind, all of them before the first apply()
 *     apply()     in the order of reconcile.c's table of steps: insertions and
 *                 modifications forward, then deletions backward; what needs
 *                 nftables only if that worked (node/hold.h)
 *     observe()   again, to see that it is so
 *
 * A kind decides nothing: what is wanted was decided by
 * plan/machine/machine.c.  It keeps no memory of what it wrote; whether an
 * object is ours says the kernel.  It blocks only as long as the kernel takes.
 * It may log at DBG. */

#ifndef NODE_KIND_H
#define NODE_KIND_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plan/machine/machine.h"

struct smap;

/* What a kind may look at while it works. */
struct kind_view {
    const struct machine *machine;    /* What is wanted. */
    uint8_t protocol;           /* Tag of routes, rules and addresses. */
};

struct kind {
    const char *name;           /* For messages: "rule". */
    bool of_services;           /* Policies have no part in it. */
    bool is_guard;              /* What is not safe without it waits until it
                                 * is as wanted (node/hold.h). */

    /* Called once, before anything else.  Returns NULL, or why the kind cannot
     * work on this host, which stops the daemon; the caller frees it. */
    char *(*init)(void);

    /* Adds to '*facts' what the kind knows, before anything is decided.  May
     * be NULL.  Returns as observe() does. */
    char *(*add_facts)(struct machine_facts *facts);

    /* Adds to 'have' every object of the kernel that is ours, or in whose
     * place one is wanted, or that is condemned.  Returns NULL, or what failed
     * (the caller frees it): then what was added means nothing, and nothing of
     * the kind is changed.  A dump that was interrupted and stays so after
     * some tries is a failure. */
    char *(*observe)(const struct kind_view *, struct machine_objects *have);

    /* Carries out the 'n' changes, which are of the classes of one step,
     * sorted: all of them PLAN_DELETE, or none.  Goes on after a failure; adds
     * what failed to 'errors' with kind_error().  What is as it should be
     * already (EEXIST, ESRCH and the like) is no failure: the next observe()
     * tells.
     *
     * For PLAN_MODIFY both objects are there: "have" may be another owner's,
     * in which case the kind leaves it and reports the conflict. */
    void (*apply)(const struct kind_view *,
                  const struct machine_change *changes, size_t n,
                  struct smap *errors);

    /* Notifications of changes that others made.  run() returns true if there
     * may have been one since the last call: also after notifications were
     * lost.  What we changed ourselves does not count, as far as that can be
     * told.  wait() wakes the poll loop for the next one.  NULL where there
     * are none. */
    bool (*run)(void);
    void (*wait)(void);

    void (*destroy)(void);      /* May be NULL. */
};

/* For kinds: */

/* Adds to 'errors' that 'change' failed. */
void kind_error(struct smap *errors, const struct machine_change *change,
                const char *format, ...) OVS_PRINTF_FORMAT(3, 4);

/* Adds to 'errors' what failed in 'batch', whose requests' "what" are the
 * "struct machine_change"s that they belong to, or NULL where failing does not
 * matter. */
struct nlsk_batch;
void kind_report(const struct nlsk_batch *batch, struct smap *errors);

/* True if an object in the place of 'object' is wanted. */
bool kind_is_wanted(const struct kind_view *, const void *object);

/* What a dump of objects needs: it begins anew when it was interrupted. */
struct kind_dump {
    const struct kind_view *view;
    struct machine_objects *have;
    size_t n_before;            /* Those in 'have' that stay. */
};

/* For rtnl_dump(), of a "struct kind_dump". */
void kind_dump_reset(void *dump);

extern const struct kind kind_sysctl;   /* "sysctl" */

/* Returns what the sysctl 'path', which has 'value', had before we wrote it,
 * or NULL if we did not write that.  Lives until the next change. */
const char *kind_sysctl_before(const char *path, const char *value);

extern const struct kind kind_link;     /* "vrf", "port", "link" */
extern const struct kind kind_address;  /* "address" */
extern const struct kind kind_route;    /* "route" */
extern const struct kind kind_rule;     /* "rule", "source-rule" */
extern const struct kind kind_nft;      /* "nft", "nft-map": one step, both
                                         * classes in one transaction,
                                         * after which connections are flushed
                                         * that it makes stale. */

extern const struct kind kind_conntrack;        /* "conntrack" */

#endif /* node/kind.h */
