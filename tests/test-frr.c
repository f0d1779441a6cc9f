/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of plan/frr/frr.c and plan/frr/frr-diff.c:
 *
 * "frr-render MANIFESTS LIST" prints the configuration for all BGPPeers in the
 * file MANIFESTS, with the BFDProfiles and Secrets there, that announces what
 * the file LIST says, by lines "PEER PREFIX [ATTRIBUTE]...".
 *
 * "frr-diff RUNNING WANTED" prints the commands that lead from the
 * configuration in one file to that in the other, and the conflicts.
 *
 * "frr-check VRF INTERFACE BFD PASSWORD ATTRIBUTES" prints why FRR could not
 * have a peer with these, or "fine". */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr-check.h"
#include "plan/frr/frr-command.h"
#include "plan/frr/frr-diff.h"
#include "plan/frr/frr.h"
#include "smap.h"
#include "tests/egress-test.h"
#include "util.h"

/* Returns the text of 'file'.  The caller frees it. */
static char *
read_text(const char *file)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    FILE *stream = fopen(file, "r");

    if (!stream) {
        ovs_fatal(errno, "%s: open failed", file);
    }
    for (int c; (c = getc(stream)) != EOF; ) {
        ds_put_char(&s, c);
    }
    fclose(stream);
    return ds_steal_cstr(&s);
}

static void
read_manifests(const char *file, struct intent_list *list)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    char *text = read_text(file);

    intent_parse(text, strlen(text), file, INTENT_STRICT, list, &problems);
    for (size_t i = 0; i < problems.n; i++) {
        ovs_fatal(0, "%s: %s", problems.items[i].field,
                  problems.items[i].message);
    }
    intent_problems_destroy(&problems);
    free(text);
}

static const struct intent_object *
find_object(const struct intent_list *list, enum intent_kind kind,
            const char *name)
{
    for (size_t i = 0; i < list->n; i++) {
        if (list->objs[i]->kind == kind
            && !strcmp(list->objs[i]->name, name)) {
            return list->objs[i];
        }
    }
    return NULL;
}

static int
compare_announcements(const void *a_, const void *b_)
{
    const struct frr_announcement *a = a_;
    const struct frr_announcement *b = b_;

    return ip_prefix_compare(&a->prefix, &b->prefix);
}

/* Sets the announcements of the peer 'name' from 'text', the file LIST. */
static void
read_announcements(const char *text, const char *name, struct frr_peer *p)
{
    struct frr_announcement *all = NULL;
    char *copy = xstrdup(text);
    char *save_line = NULL;

    for (char *line = strtok_r(copy, "\n", &save_line); line;
         line = strtok_r(NULL, "\n", &save_line)) {
        char *save = NULL;
        const char *peer = strtok_r(line, " ", &save);
        const char *prefix = strtok_r(NULL, " ", &save);

        if (!strcmp(peer, name)) {
            all = xrealloc(all, (p->n_announcements + 1) * sizeof *all);

            struct frr_announcement *a = &all[p->n_announcements++];
            svec_init(&a->attributes);
            svec_parse_words(&a->attributes, save);
            svec_sort(&a->attributes);
            if (!ip_prefix_parse(prefix, &a->prefix, NULL)) {
                ovs_fatal(0, "%s: not a prefix", prefix);
            }
        }
    }
    if (p->n_announcements) {
        qsort(all, p->n_announcements, sizeof *all, compare_announcements);
    }
    p->announcements = all;
    free(copy);
}

static void
test_frr_render(struct ovs_cmdl_context *ctx)
{
    struct intent_list list = INTENT_LIST_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;
    char *announcements = read_text(ctx->argv[2]);
    size_t n = 0;

    read_manifests(ctx->argv[1], &list);
    struct frr_peer *peers = xcalloc(list.n, sizeof *peers);
    for (size_t i = 0; i < list.n; i++) {
        const struct intent_object *o = list.objs[i];

        if (o->kind == INTENT_BGP_PEER) {
            const struct intent_bgp_peer *peer = &o->bgp_peer;
            const struct intent_object *bfd
                = find_object(&list, INTENT_BFD_PROFILE, peer->bfd_profile);
            const struct intent_object *secret
                = find_object(&list, INTENT_SECRET, peer->password_secret);

            peers[n] = (struct frr_peer) {
                .peer = peer,
                .bfd_name = peer->bfd_profile,
                .bfd = bfd ? &bfd->bfd_profile : NULL,
                .password = secret ? secret->secret.password : peer->password,
            };
            read_announcements(announcements, o->name, &peers[n++]);
        }
    }
    frr_render(peers, n, &s);
    fputs(ds_cstr(&s), stdout);

    for (size_t i = 0; i < n; i++) {
        struct frr_announcement *a
            = CONST_CAST(struct frr_announcement *, peers[i].announcements);

        for (size_t j = 0; j < peers[i].n_announcements; j++) {
            svec_destroy(&a[j].attributes);
        }
        free(a);
    }
    free(peers);
    free(announcements);
    intent_list_destroy(&list);
    ds_destroy(&s);
}

static void
test_frr_diff(struct ovs_cmdl_context *ctx)
{
    struct frr_commands commands = FRR_COMMANDS_INITIALIZER;
    struct smap conflicts = SMAP_INITIALIZER(&conflicts);
    struct ds s = DS_EMPTY_INITIALIZER;
    char *running = read_text(ctx->argv[1]);
    char *wanted = read_text(ctx->argv[2]);
    const struct smap_node **sorted;

    frr_diff(running, wanted, &commands, &conflicts);
    frr_commands_format(&commands, &s);
    frr_commands_destroy(&commands);
    fputs(ds_cstr(&s), stdout);
    sorted = smap_sort(&conflicts);
    for (size_t i = 0; i < smap_count(&conflicts); i++) {
        printf("conflict: \"%s\": %s\n", sorted[i]->key,
               sorted[i]->value);
    }
    free(sorted);
    free(running);
    free(wanted);
    ds_destroy(&s);
    smap_destroy(&conflicts);
}

/* Whether what is sent may be about what is another owner's by now. */
static void
test_frr_claims(struct ovs_cmdl_context *ctx)
{
    struct frr_commands commands = FRR_COMMANDS_INITIALIZER;
    struct smap conflicts = SMAP_INITIALIZER(&conflicts);
    char *running = read_text(ctx->argv[1]);
    char *wanted = read_text(ctx->argv[2]);

    frr_diff(running, wanted, &commands, &conflicts);
    puts(frr_commands_claim(&commands) ? "claims" : "claims nothing");
    frr_commands_destroy(&commands);
    smap_destroy(&conflicts);
    free(running);
    free(wanted);
}

static void
test_frr_check(struct ovs_cmdl_context *ctx)
{
    const struct intent_bgp_peer peer = {
        .vrf = ctx->argv[1],
        .interface = ctx->argv[2],
        .router_id = "",
        .dynamic_asn = "",
    };
    struct frr_announcement announcement = {
        .attributes = SVEC_EMPTY_INITIALIZER,
    };
    struct frr_peer p = {
        .peer = &peer,
        .bfd_name = ctx->argv[3],
        .password = ctx->argv[4],
        .announcements = &announcement,
        .n_announcements = 1,
    };

    svec_parse_words(&announcement.attributes, ctx->argv[5]);
    char *error = frr_check_peer(&p);
    puts(error ? error : "fine");
    free(error);
    svec_destroy(&announcement.attributes);
}

EGRESS_TEST("frr-render", "MANIFESTS LIST", 2, 2, test_frr_render)
EGRESS_TEST("frr-diff", "RUNNING WANTED", 2, 2, test_frr_diff)
EGRESS_TEST("frr-claims", "RUNNING WANTED", 2, 2, test_frr_claims)
EGRESS_TEST("frr-check", "VRF INTERFACE BFD PASSWORD ATTRIBUTES", 5, 5,
            test_frr_check)
