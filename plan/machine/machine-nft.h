/* SPDX-License-Identifier: Apache-2.0 */

/* What is constant in our nftables table: chains, rules and counters.
 *
 * machine_nft_build() adds these objects (plan/machine/machine-chain.h); the
 * maps and sets that the rules look into are plan/machine/machine-set.h.
 *
 * Called by plan/machine/machine-service.c and plan/machine/machine-ingress.c.
 * Pure. */

#ifndef PLAN_MACHINE_MACHINE_NFT_H
#define PLAN_MACHINE_MACHINE_NFT_H 1

#include <stddef.h>
#include <stdint.h>

struct machine_objects;

/* How long it is remembered which packets were dropped. */
#define MACHINE_NOTE_SECONDS 3600

/* What the rules depend on. */
struct machine_nft {
    uint32_t mask;              /* The part of packet marks that is ours. */
    const uint32_t *marks;      /* Within it: what maps send packets to. */
    size_t n_marks;
    unsigned int guard_seconds; /* See "struct machine_options". */
    unsigned int watch_seconds; /* How long an endpoint counts as seen; 0: none
                                 * is watched. */
};

/* Adds what all hosts have. */
void machine_nft_build(const struct machine_nft *, struct machine_objects *);

/* Adds what brings in traffic for Services. */
void machine_nft_build_ingress(struct machine_objects *);

#endif /* plan/machine/machine-nft.h */
