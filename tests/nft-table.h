/* SPDX-License-Identifier: Apache-2.0 */

/* A description of our nftables table, and a turn of the reconciler that makes
 * the kernel hold it, for tests of the kinds "nft" and "conntrack".
 *
 * A description is a text with a line for each part:
 *
 *     mask 0xff000000             the part of marks that is ours
 *     network MARK                a mark that maps lead to
 *     snat ENDPOINT SOURCE        also makes ENDPOINT served
 *     served ENDPOINT
 *     mark SOURCE-IP MARK
 *     port MASQUERADE-IP PORT MARK
 *     local PREFIX
 *     drained ENDPOINT SOURCE     a connection that must not live on
 *     endpoints N                 nft_table_add_endpoints()
 *
 * Without any line but "drained" there is no table. */

#ifndef TESTS_NFT_TABLE_H
#define TESTS_NFT_TABLE_H 1

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "intent/ip.h"
#include "plan/row.h"
#include "smap.h"
#include "sset.h"

struct ds;

struct nft_table {
    bool empty;                 /* No table at all. */
    uint32_t mask;
    uint32_t marks[16];
    size_t n_marks;
    struct smap snat[IP_N_FAMILIES], mark[IP_N_FAMILIES], port[IP_N_FAMILIES];
    struct sset served[IP_N_FAMILIES], local[IP_N_FAMILIES];
    struct sset drained;        /* "ENDPOINT SOURCE". */
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

/* Adds 'n' endpoints, 10.64.0.0 and on. */
void nft_table_add_endpoints(struct nft_table *, int n, const char *source,
                             const char *mark);

/* The rows that it stands for, sorted. */
void nft_table_to_rows(const struct nft_table *, struct plan_rows *);

/* Starts and ends the two kinds; exits if that fails. */
void nft_turn_init(void);
void nft_turn_destroy(void);

/* Makes the kernel hold 'want'.  Appends what had to be changed to 's', if
 * that is nonnull. */
void nft_turn(struct plan_rows *want, struct ds *s, struct smap *errors);

#endif /* tests/nft-table.h */
