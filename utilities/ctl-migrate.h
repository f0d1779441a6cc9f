/* SPDX-License-Identifier: Apache-2.0 */

/* What ovn-kubernetes has in OVN_Northbound for its own EgressService, beside
 * what ovn-egress has.
 *
 *     ctl-migrate.c        the command
 *     ctl-migrate-read.c   finds the rows and judges them
 *     ctl-migrate-write.c  the transaction of OVN_Northbound
 *     ctl-migrate-text.c   says it
 *
 * Only ctl-migrate-write.c writes, and only rows of ovn-kubernetes. */

#ifndef CTL_MIGRATE_H
#define CTL_MIGRATE_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/ip.h"
#include "openvswitch/shash.h"
#include "svec.h"

struct ds;
struct nbrec_address_set;
struct nbrec_logical_router;
struct nbrec_logical_router_policy;
struct observation;

/* What happens to the packets of an endpoint if the policy of ovn-kubernetes
 * is deleted now. */
enum migrate_verdict {
    MIGRATE_SAME,               /* Nothing: ovn-egress does the same. */
    MIGRATE_WAITS,              /* Nothing, in a moment. */
    MIGRATE_MOVES,              /* They go to another node. */
    MIGRATE_LEAVES,             /* They are not steered any more. */
    MIGRATE_N_VERDICTS
};

/* A policy of ovn-kubernetes. */
struct migrate_policy {
    const struct nbrec_logical_router_policy *row;
    char *service;              /* "ns/name". */
    char ip[IP_STRLEN];
    const char *node;           /* To which it leads, or NULL. */
    enum migrate_verdict verdict;
    char *why;                  /* Unless MIGRATE_SAME. */
};

/* An endpoint that ovn-egress steers. */
struct migrate_endpoint {
    char *service;
    const char *ip;
    const char *node;
    char *next_hop;             /* NULL if it is not known. */
    bool local;                 /* It is in this zone. */
    bool settled;               /* OVN has processed that. */
    const struct migrate_policy *twin;  /* Which does the same, or NULL. */
    const struct migrate_policy *other; /* Which does not, or NULL. */
};

/* A service that either of them has. */
struct migrate_service {
    char *key;
    const char *there;          /* Its host with ovn-kubernetes, or "". */
    const char *here;           /* With ovn-egress, or ""; NULL if it has no
                                 * such EgressService. */
    const char *label;          /* Key of the node label here, or "". */
    size_t n_policies;
    enum migrate_verdict worst;
    const char *why;            /* Of the worst, or NULL. */
};

struct migration {
    const struct nbrec_logical_router *router;  /* Or NULL. */
    struct migrate_policy *policies;    /* By service and address. */
    size_t n_policies;
    struct migrate_endpoint *endpoints;
    size_t n_endpoints, allocated_endpoints;
    struct shash services;      /* "struct migrate_service". */
    const struct nbrec_address_set **sets;      /* Of served pods. */
    size_t n_sets;
    size_t n_allows;            /* Policies 102, which stay. */
    size_t counts[MIGRATE_N_VERDICTS];
};

/* Reads and judges.  If 'only' is not empty, nothing but these services. */
void migration_read(const struct observation *, const struct svec *only,
                    struct migration *);
void migration_destroy(struct migration *);

/* Deletes the policies of ovn-kubernetes, and their addresses from its sets;
 * or makes policies as it has them for all endpoints that have none.  Waits
 * for the answer.  Returns NULL or an error, which the caller frees. */
char *migration_take_over(const struct migration *) OVS_WARN_UNUSED_RESULT;
char *migration_give_back(const struct migration *) OVS_WARN_UNUSED_RESULT;

/* True if 'key', "ns/name", is in 'only', which is sorted, or that is
 * empty. */
bool migrate_wants(const struct svec *only, const char *key);

/* True if the policy has the mark that ovn-kubernetes gives those of an
 * EgressService. */
bool migrate_is_theirs(const struct nbrec_logical_router_policy *);

/* Appends all that was found. */
void migration_format(const struct migration *, struct ds *);

/* Appends what ovn-kubernetes leaves behind on nodes. */
void migration_format_remains(struct ds *);

#endif /* utilities/ctl-migrate.h */
