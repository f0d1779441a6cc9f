/* SPDX-License-Identifier: Apache-2.0 */

/* Connections that were cut.  See nft-cut.h. */

#include <config.h>

#include "node/nft-cut.h"

#include <stddef.h>

#include "coverage.h"
#include "node/nft-nl.h"
#include "node/nft-set.h"

COVERAGE_DEFINE(conntrack_cut);

static struct nl_sock *sock;
static bool there;
static unsigned int seconds;

void
nft_cut_set(struct nl_sock *sock_, bool there_, unsigned int seconds_)
{
    sock = sock_;
    there = there_;
    seconds = seconds_;
}

char *
nft_cut_note(const struct sset cut[IP_N_FAMILIES])
{
    static const char *const names[] = { [IP_V4] = "cut4", [IP_V6] = "cut6" };
    struct nft_batch batch;
    char *error = NULL;
    size_t n = 0;

    if (!there) {
        return NULL;
    }
    nft_batch_init(&batch);
    for (int f = 0; f < IP_N_FAMILIES && !error; f++) {
        n += sset_count(&cut[f]);
        error = nft_set_put_timed(&batch, nft_set_find(names[f]), &cut[f],
                                  seconds);
    }
    if (!error && n) {
        COVERAGE_ADD(conntrack_cut, n);
        error = nft_batch_commit(&batch, sock);
    }
    nft_batch_destroy(&batch);
    return error;
}
