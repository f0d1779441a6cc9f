/* SPDX-License-Identifier: Apache-2.0 */

/* Connections that were cut.  See nft-cut.h. */

#include <config.h>

#include "node/nft-cut.h"

#include <stddef.h>

#include "coverage.h"
#include "node/nft-nl.h"
#include "node/nft-set.h"

COVERAGE_DEFINE(conntrack_cut);

static bool there;
static unsigned int seconds;

void
nft_cut_set(bool there_, unsigned int seconds_)
{
    there = there_;
    seconds = seconds_;
}

char *
nft_cut_note(struct machine_set cut[IP_N_FAMILIES])
{
    struct nft_batch batch;
    char *error = NULL;
    size_t n = 0;

    if (!there) {
        return NULL;
    }
    nft_batch_init(&batch);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        machine_set_sort(&cut[f]);
        n += cut[f].n;
        nft_set_put_timed(&batch, &cut[f], seconds);
    }
    if (n) {
        COVERAGE_ADD(conntrack_cut, n);
        error = nft_batch_commit(&batch);
    }
    nft_batch_destroy(&batch);
    return error;
}
