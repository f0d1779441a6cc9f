/* SPDX-License-Identifier: Apache-2.0 */

/* The ledger: what each service takes of what all of them share, so that one
 * can be planned without the others.
 *
 * A view_service lives for one run of the planner; its entry in the ledger
 * stays.  Before services are planned anew, their entries are withdrawn; the
 * rest is the background.  What is planned then may turn out to depend on a
 * service of the background after all: by an address that both have, or a
 * label.  That is a "clash", and all is planned anew.
 *
 * Internal to plan/; part of the view. */

#ifndef PLAN_DECIDE_LEDGER_H
#define PLAN_DECIDE_LEDGER_H 1

#include "hmapx.h"
#include "intent/ip.h"
#include "openvswitch/hmap.h"
#include "openvswitch/list.h"
#include "plan/decide/announce.h"
#include "plan/rows/row.h"
#include "sset.h"

struct intent_object;
struct view;
struct view_node;
struct view_plain;
struct view_service;
struct view_work;

/* An address that a service owns. */
struct ledger_claim {
    struct hmap_node hmap_node; /* In ledger.claims, by 'ip'. */
    struct ovs_list list_node;  /* In ledger_node.steered, or unhosted, or by
                                 * itself. */
    struct ledger_entry *entry;
    struct in6_addr ip;
    const struct view_node *steer;      /* Node that NB should steer it to, or
                                         * NULL. */
};

/* An address that a service names without owning it: another one has it, or it
 * is only in an older row. */
struct ledger_mention {
    struct hmap_node hmap_node; /* In ledger.mentions, by 'ip'. */
    struct ledger_entry *entry;
    struct in6_addr ip;
};

/* An ingress address that a service has, or had in an older row. */
struct ledger_address {
    struct hmap_node hmap_node; /* In ledger.addresses, by 'ip'. */
    struct ledger_entry *entry;
    struct in6_addr ip;
};

/* A node's part in a service. */
struct ledger_part {
    struct ovs_list list_node;  /* In ledger_node.parts. */
    struct ledger_entry *entry;
    const struct view_node *node;
    bool live;                  /* Serves, or gets ready to. */
    bool labelled;              /* Has the service's label. */
    bool wants_set[IP_N_FAMILIES];      /* An address set in NB. */
    bool changed;               /* The row is not (yet) as published. */
    bool nearly_acked;          /* The node has what the row says, perhaps but
                                 * for endpoints. */
};

/* What is decided for a node: of all services together. */
struct ledger_node {
    const struct view_node *node;
    struct ovs_list parts;      /* Contains "struct ledger_part"s. */
    struct ovs_list steered;    /* Contains "struct ledger_claim"s. */
    unsigned int n_hosted;      /* Services, so far. */
    size_t n_sets[IP_N_FAMILIES];       /* Address sets in NB. */
    struct sset labels;         /* Keys of ours that it should have. */
    uint32_t *bad_tables;       /* Whose policy failed there. */
    size_t n_bad_tables;
    struct plan_db_rows rows;   /* In NB. */
};

struct ledger_entry {
    struct hmap_node hmap_node; /* In ledger.entries, by 'key'. */
    char *key;                  /* "ns/name". */
    struct ledger_claim *claims;
    struct ledger_mention *mentions;
    struct ledger_address *addresses;
    struct ledger_part *parts;
    size_t n_claims, n_mentions, n_addresses, n_parts;
    char *label;                /* NULL if none. */
    bool odd_label;             /* Not the usual one, though that would do. */
    const struct view_node *host;       /* NULL if none. */
    struct ovs_list unsettled_node;     /* In ledger.unsettled, if the host is
                                         * new; or by itself. */

    struct announced announced;
    struct plan_db_rows rows;
};

struct ledger {
    struct hmap entries;        /* Contains "struct ledger_entry"s. */
    struct hmap withdrawn;      /* Likewise; until the run ends. */
    struct hmap claims;         /* Contains "struct ledger_claim"s. */
    struct hmap mentions;       /* Contains "struct ledger_mention"s. */
    struct hmap addresses;      /* Contains "struct ledger_address"es. */
    struct ovs_list unhosted;   /* Of claims that are dropped. */
    struct ovs_list unsettled;  /* Of entries: until their new hosts are
                                 * published, they must be chosen again. */
    size_t n_odd_labels;
    size_t n_sets[IP_N_FAMILIES];       /* Sources of all nodes. */
    struct plan_db_rows commons; /* Rows that are nobody's. */
    struct plan_db_rows stale;   /* Rows that are not (or newly) written in
                                 * this run. */
    size_t n_nb, n_work;        /* So many rows of this run have an owner. */
    struct ledger_node **nodes; /* By their index, or NULL. */
    size_t allocated_nodes;
    struct hmapx touched;       /* Of "struct ledger_node": those whose rows
                                 * and status have to be written. */
    bool clash;
};

/* Returns an empty ledger. */
struct ledger *ledger_create(void);
void ledger_destroy(struct ledger *);

/* Returns what is decided for 'node'. */
struct ledger_node *ledger_node(struct ledger *, const struct view_node *node);

/* Notes that the rows and the status of 'node' have to be written. */
void ledger_touch(struct ledger *, const struct view_node *node);

/* Return the entry of service 'key', or the one that was withdrawn, or NULL:
 * ledger_find() and ledger_find_withdrawn().  ledger_get() makes one if there
 * is none. */
struct ledger_entry *ledger_get(struct ledger *, const char *key);
struct ledger_entry *ledger_find(const struct ledger *, const char *key);
struct ledger_entry *ledger_find_withdrawn(const struct ledger *,
                                           const char *key);

/* Returns what the ledger has of 'w', after ledger_record(). */
struct ledger_part *ledger_part(const struct ledger *,
                                const struct view_work *w);

/* Adds to 'keys' the services that name the address 'text', and those that are
 * not settled. */
void ledger_find_by_address(const struct ledger *, const char *text,
                            struct sset *keys);
void ledger_find_unsettled(const struct ledger *, struct sset *keys);

/* ledger-address.c: ingress addresses, and the services that share them. */

/* Adds to 'keys' the services, and the Services without EgressService that
 * these must heed, that share an ingress address with one that is there: they
 * are planned together. */
void ledger_find_sharers(const struct ledger *, struct sset *keys);

/* Notes that 's', a service to be planned, has its addresses; when all have
 * been noted, enters them. */
void ledger_check_addresses(struct view *, const struct view_service *s);
void ledger_record_addresses(struct view *, const struct view_service *s,
                             struct ledger_entry *);
void ledger_check_plain(struct ledger *, const struct view_plain *);
void ledger_record_plain(struct ledger *, const struct view_plain *,
                         struct ledger_entry *);
void ledger_withdraw_addresses(struct ledger *, const struct ledger_entry *);

/* Does both for the Service 'svc' whose entry has none yet: where another one
 * with its addresses is announced concerns it. */
void ledger_note_addresses(struct view *, const struct intent_object *svc,
                           struct ledger_entry *);

/* Withdraws the services 'keys', and the rows that are nobody's. */
void ledger_withdraw(struct view *, const struct sset *keys);

/* Ends a run: forgets what was withdrawn. */
void ledger_end_run(struct ledger *);

/* Finds out whether a service that is planned owns, or only names, an address
 * that one of the background does. */
void ledger_check(struct view *);

/* Enters what was decided for the services of the view. */
void ledger_record(struct view *);

/* True if one of the services 'keys' has another label than when it was
 * withdrawn, and that concerns others. */
bool ledger_labels_changed(const struct view *, const struct sset *keys);

/* Enters the rows that were written since the last call of one of these as
 * those of service 'key', of nobody, or of another owner, in the place of
 * those that it had. */
void ledger_own_rows(const struct view *, const char *key);
void ledger_own_commons(const struct view *);
void ledger_renew_rows(const struct view *, struct plan_db_rows *owner);

/* Enters a row that is there already as nobody's. */
void ledger_own_common(struct ledger *, struct plan_row *);

/* The same as above for rows that stay until all is planned anew. */
void ledger_skip_rows(const struct view *);

#endif /* plan/decide/ledger.h */
