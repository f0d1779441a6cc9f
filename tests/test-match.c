/* SPDX-License-Identifier: Apache-2.0 */

/* "ovn-egress-test match SRC DST INPORT [SET=ADDRESS,ADDRESS...]... --
 * MATCH..." prints what a packet from SRC to DST ("-" if not known) does to
 * each MATCH, which is evaluated by plan/trace/match.h. */

#include <config.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/shash.h"
#include "plan/trace/match.h"
#include "svec.h"
#include "tests/egress-test.h"
#include "util.h"

/* Adds to 'sets' what 'text', SET=ADDRESS,..., says; its words become members
 * of 'words'. */
static void
add_set(struct shash *sets, const char *text, struct svec *words)
{
    size_t len = strcspn(text, "=");
    char *name = xmemdup0(text, len);
    struct match_set *set = xmalloc(sizeof *set);

    svec_init(words);
    char *copy = xstrdup(text[len] ? text + len + 1 : "");
    char *save_ptr = NULL;
    for (char *word = strtok_r(copy, ",", &save_ptr); word;
         word = strtok_r(NULL, ",", &save_ptr)) {
        svec_add(words, word);
    }
    free(copy);
    *set = (struct match_set) { words->names, words->n };
    shash_add_nocopy(sets, name, set);
}

static void
test_match(struct ovs_cmdl_context *ctx)
{
    static const char *const results[] = {
        [MATCH_NO] = "no", [MATCH_YES] = "yes",
        [MATCH_DEPENDS] = "depends", [MATCH_UNKNOWN] = "unknown",
    };
    struct svec *words = xcalloc(ctx->argc, sizeof *words);
    struct shash sets = SHASH_INITIALIZER(&sets);
    struct match_packet packet = { .sets = &sets };
    int i;

    ovs_assert(ip_addr_parse(ctx->argv[1], &packet.src));
    ip_addr_parse(ctx->argv[2], &packet.dst);
    packet.inport = strcmp(ctx->argv[3], "-") ? ctx->argv[3] : NULL;
    for (i = 4; i < ctx->argc && strcmp(ctx->argv[i], "--"); i++) {
        add_set(&sets, ctx->argv[i], &words[i]);
    }
    for (int j = i + 1; j < ctx->argc; j++) {
        printf("%s: %s\n", ctx->argv[j],
               results[match_evaluate(ctx->argv[j], &packet)]);
    }
    while (--i >= 4) {
        svec_destroy(&words[i]);
    }
    free(words);
    shash_destroy_free_data(&sets);
}

EGRESS_TEST("match", "SRC DST INPORT [SET=ADDRESS,...]... -- MATCH...", 4,
            INT_MAX, test_match)
