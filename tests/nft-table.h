/* SPDX-License-Identifier: Apache-2.0 */

/* A description of our nftables table, and a turn of the reconciler that makes
 * the kernel hold it, for tests of the kinds "nft" and "conntrack".
 *
 * A description is a text with a line for each part:
 *
 *     mask 0xff000000             the part of marks that is ours
 *     network MARK                a mark that maps lead to
 *     snat ENDPOINT SOURCE        also hides ENDPOINT, and pairs the two
 *     hidden IP
 *     public IP
 *     anywhere IP
 *     way IP LINK
 *     exit ENDPOINT LINK
 *     services PREFIX
 *     watched ENDPOINT
 *     mark SOURCE-IP MARK
 *     port MASQUERADE-IP PORT MARK
 *     local PREFIX
 *     behind IP INGRESS-IP        of tracked connections
 *     endpoints N                 nft_table_add_endpoints()
 *
 * Without any line there is no table. */

#ifndef TESTS_NFT_TABLE_H
#define TESTS_NFT_TABLE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "intent/ip.h"
#include "plan/machine/machine-set.h"
#include "plan/machine/machine.h"
#include "smap.h"
#include "sset.h"

struct ds;

/* The sets, by place in "sets". */
enum nft_table_set {
    NFT_TABLE_LOCAL, NFT_TABLE_HIDDEN, NFT_TABLE_PAIR, NFT_TABLE_EXIT,
    NFT_TABLE_PUBLIC, NFT_TABLE_WAY, NFT_TABLE_ANYWHERE, NFT_TABLE_SERVICES,
    NFT_TABLE_WATCHED, NFT_TABLE_NODES, NFT_TABLE_N_SETS
};

struct nft_table {
    bool empty;                 /* No table at all. */
    uint32_t mask;
    uint32_t marks[16];
    size_t n_marks;
    struct smap snat[IP_N_FAMILIES], mark[IP_N_FAMILIES], port[IP_N_FAMILIES];
    struct sset sets[NFT_TABLE_N_SETS][IP_N_FAMILIES];
    struct smap behind;
};

void nft_table_init(struct nft_table *);
void nft_table_destroy(struct nft_table *);

/* Reads a description; "-" is standard input. */
void nft_table_read(struct nft_table *, const char *file_name);

/* Writes it so that nft_table_read() reads the same. */
void nft_table_write(const struct nft_table *, FILE *);

/* Adds an endpoint, and its mark if that is nonnull. */
void nft_table_add_endpoint(struct nft_table *, const char *endpoint,
                            const char *source, const char *mark);

/* Takes an endpoint away. */
void nft_table_remove_endpoint(struct nft_table *, const char *endpoint);

/* Adds 'n' endpoints, 10.64.0.0 and on. */
void nft_table_add_endpoints(struct nft_table *, int n, const char *source,
                             const char *mark);

/* What it stands for, which the caller destroys with machine_destroy(). */
void nft_table_build(const struct nft_table *, struct machine *);

/* Adds an element to a set, from text as people see it. */
void nft_table_add_element(struct machine_set *, const char *key,
                           const char *data);

/* Starts and ends the two kinds; exits if that fails. */
void nft_turn_init(void);
void nft_turn_destroy(void);

/* Makes the kernel hold 'want'.  Appends what had to be changed to 's', if
 * that is nonnull. */
void nft_turn(const struct machine *want, struct ds *s, struct smap *errors);

#endif /* tests/nft-table.h */
