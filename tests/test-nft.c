/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the nftables table and of conntrack: plan/machine/machine-nft.c,
 * node/nft-*.c, node/kind-nft.c and node/kind-conntrack.c.  FILE is a
 * description as in nft-table.h. */

#include <config.h>
#include "tests/egress-test.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "node/kind.h"
#include "node/nft-nl.h"
#include "node/nft-rule.h"
#include "node/nft-set.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "plan/machine/machine-nft.h"
#include "random.h"
#include "tests/nft-table.h"

static void
read_table(const char *file_name, struct machine *want)
{
    struct nft_table t;

    nft_table_init(&t);
    nft_table_read(&t, file_name);
    nft_table_build(&t, want);
    nft_table_destroy(&t);
}

static void
print_errors(const struct smap *errors)
{
    const struct smap_node *node;

    SMAP_FOR_EACH (node, errors) {
        printf("error: %s\n", node->value);
    }
}

/* Prints the changes to get from the kernel's table to FILE, makes them, and
 * prints what then is still to do. */
static void
nft_apply(struct ovs_cmdl_context *ctx)
{
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine want;

    nft_turn_init();
    read_table(ctx->argv[1], &want);
    nft_turn(&want, &s, &errors);
    fputs(ds_cstr(&s), stdout);
    print_errors(&errors);

    ds_clear(&s);
    smap_clear(&errors);
    nft_turn(&want, &s, &errors);
    printf("%s%s", s.length ? "not done:\n" : "", ds_cstr(&s));
    print_errors(&errors);

    machine_destroy(&want);
    smap_destroy(&errors);
    ds_destroy(&s);
    nft_turn_destroy();
}

EGRESS_TEST("nft-apply", "FILE", 1, 1, nft_apply)

/* Reads what is on standard input.  Returns false at its end. */
static bool
read_stdin(void)
{
    char buf[256];

    return read(STDIN_FILENO, buf, sizeof buf) > 0;
}

/* Keeps the table as in FILE until standard input ends, and reads FILE again
 * for each line there.  Prints what each turn changed. */
static void
nft_keep(struct ovs_cmdl_context *ctx)
{
    int stdin_fd = dup(STDIN_FILENO);   /* poll_fd_wait() takes no 0. */
    bool more = true;

    nft_turn_init();
    while (more) {
        struct smap errors = SMAP_INITIALIZER(&errors);
        struct ds s = DS_EMPTY_INITIALIZER;
        struct pollfd input = { .fd = stdin_fd, .events = POLLIN };
        struct machine want;

        read_table(ctx->argv[1], &want);
        nft_turn(&want, &s, &errors);
        printf("turn: %s", s.length ? ds_cstr(&s) : "nothing to do\n");
        print_errors(&errors);
        fflush(stdout);

        while (!kind_nft.run() && !poll(&input, 1, 0)) {
            kind_nft.wait();
            poll_fd_wait(stdin_fd, POLLIN);
            poll_block();
        }
        more = !poll(&input, 1, 0) || read_stdin();
        machine_destroy(&want);
        smap_destroy(&errors);
        ds_destroy(&s);
    }
    nft_turn_destroy();
}

EGRESS_TEST("nft-keep", "FILE", 1, 1, nft_keep)

/* Prints the objects for FILE. */
static void
nft_objects(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine want;

    read_table(ctx->argv[1], &want);
    for (size_t i = 0; i < want.want.n; i++) {
        machine_object_format(want.want.items[i], &s);
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    machine_destroy(&want);
}

EGRESS_TEST("nft-objects", "FILE", 1, 1, nft_objects)

/* Enough for the attributes of a rule. */
#define ROOM 4096

/* Puts the rule into a message, and gets it from there.  The caller destroys
 * what is returned. */
static struct machine_nft_object
put_and_get(const struct machine_expr *rule)
{
    struct machine_nft_object chain = { .n = 0 };
    struct nl_msg *msg = nlsk_new(0, 0, NULL, 0, ROOM);

    nft_rule_put(msg, rule);
    nft_rule_get(nlmsg_data(nlmsg_hdr(msg)), &chain);
    nlmsg_free(msg);
    return chain;
}

/* Makes all rules that there are. */
static void
build_rules(struct machine_objects *objects)
{
    uint32_t marks[] = { 0x02000000 };

    machine_objects_init(objects);
    machine_nft_build(&(struct machine_nft) {
                          .mask = 0xff000000, .marks = marks, .n_marks = 1,
                          .guard_seconds = 150, .watch_seconds = 1,
                      }, objects);
    machine_nft_build_ingress(objects);
}

/* Puts all rules of all chains into messages and prints those that are not
 * what is got from that, and how many there are. */
static void
nft_rules(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct machine_objects objects;
    int n = 0;

    build_rules(&objects);
    for (size_t i = 0; i < objects.n; i++) {
        const struct machine_nft_object *o = (void *) objects.items[i];

        for (size_t j = 0; j < o->n; n++) {
            struct machine_nft_object got = put_and_get(&o->exprs[j]);
            bool same = true;

            for (size_t k = 0; k < got.n; k++) {
                same &= machine_expr_equals(&got.exprs[k], &o->exprs[j + k]);
            }
            if (!same) {
                struct ds s = DS_EMPTY_INITIALIZER;

                machine_rule_text(got.exprs, &s);
                printf("%s: %s\n", o->name, ds_cstr(&s));
                ds_destroy(&s);
            }
            j += got.n;
            free(got.exprs);
        }
    }
    printf("%d rules\n", n);
    machine_objects_destroy(&objects);
}

EGRESS_TEST("nft-rules", "", 0, 0, nft_rules)

/* Fills 'rule' with expressions of one of our rules that read 'text'. */
static void
find_rule(const char *text, struct machine_expr rule[16])
{
    struct machine_objects objects;

    build_rules(&objects);
    for (size_t i = 0; i < objects.n; i++) {
        const struct machine_nft_object *o = (void *) objects.items[i];

        for (size_t first = 0; first < o->n; first++) {
            for (size_t len = 1; len < 15 && first + len < o->n; len++) {
                struct ds s = DS_EMPTY_INITIALIZER;

                memcpy(rule, &o->exprs[first], len * sizeof *rule);
                rule[len] = (struct machine_expr) { .op = MACHINE_END };
                machine_rule_text(rule, &s);

                bool found = !strcmp(ds_cstr(&s), text);
                ds_destroy(&s);
                if (found) {
                    machine_objects_destroy(&objects);
                    return;
                }
            }
        }
    }
    ovs_fatal(0, "%s: in no rule", text);
}

/* Puts RULE, a part of one of ours, into a message, adds an attribute TYPE
 * with number VALUE to its last expression, and prints what is got from
 * that. */
static void
nft_rule_extra(struct ovs_cmdl_context *ctx)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine_nft_object chain = { .n = 0 };
    struct nlattr *elem, *last = NULL;
    struct machine_expr rule[16];
    int left;

    find_rule(ctx->argv[1], rule);
    struct nl_msg *msg = nlsk_new(0, 0, NULL, 0, ROOM);
    nft_rule_put(msg, rule);
    struct nlattr *list = nlmsg_data(nlmsg_hdr(msg));
    nla_for_each_nested (elem, list, left) {
        last = elem;
    }

    struct nlattr *nests[] = {
        list, last,
        CONST_CAST(struct nlattr *, nlsk_find(last, NFTA_EXPR_DATA)),
    };
    nlsk_put_be32(msg, atoi(ctx->argv[2]), atoi(ctx->argv[3]));
    for (size_t i = 0; i < ARRAY_SIZE(nests); i++) {
        nests[i]->nla_len += nla_total_size(sizeof(uint32_t));
    }
    nft_rule_get(list, &chain);
    machine_rule_text(chain.exprs, &s);
    puts(ds_cstr(&s));
    free(chain.exprs);
    nlmsg_free(msg);
    ds_destroy(&s);
}

EGRESS_TEST("nft-rule-extra", "RULE TYPE VALUE", 3, 3, nft_rule_extra)

/* Puts the elements of a set, KEY or KEY=VALUE, into a batch and prints what
 * is got from that. */
static void
nft_elements(struct ovs_cmdl_context *ctx)
{
    struct machine_set put, got;
    struct nft_batch batch;

    ovs_assert(nft_set_find(ctx->argv[1], &put));
    ovs_assert(nft_set_find(ctx->argv[1], &got));
    for (int i = 2; i < ctx->argc; i++) {
        char *key = xstrdup(ctx->argv[i]);
        char *eq = strchr(key, '=');

        if (eq) {
            *eq++ = '\0';
        }
        nft_table_add_element(&put, key, eq);
        free(key);
    }
    machine_set_sort(&put);

    nft_batch_init(&batch);
    nft_set_put_elements(&batch, NFT_MSG_NEWSETELEM, &put);
    if (put.n) {
        const struct nlsk_batch *b = &batch.messages;
        const struct nlattr *list = nlmsg_find_attr(
            nlmsg_hdr(b->requests[b->n - 1].msg), sizeof(struct nfgenmsg),
            NFTA_SET_ELEM_LIST_ELEMENTS);

        nft_set_get_elements(&got, list);
        nft_set_finish(&got);
    }

    struct ds s = DS_EMPTY_INITIALIZER;
    machine_object_format(&got.object, &s);
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    nft_batch_destroy(&batch);
    machine_set_destroy(&put);
    machine_set_destroy(&got);
}

EGRESS_TEST("nft-elements", "SET [ELEMENT...]", 1, 99, nft_elements)

/* Random changes. */

/* Makes one small change to 't', or empties it. */
static void
random_change(struct nft_table *t)
{
    int f = random_range(2);
    char *ip = xasprintf(f ? "fd00::%d" : "10.128.0.%d",
                         1 + random_range(60));
    char *source = xasprintf(f ? "2001:db8::%d" : "192.0.2.%d",
                             1 + random_range(4));
    char *port = xasprintf("%s . %d", f ? "fd69::3" : "169.254.169.3",
                           30000 + random_range(20));
    char *net = xasprintf(f ? "fd%02d::/16" : "10.%d.0.0/16",
                          20 + random_range(8));
    char mark[16];

    snprintf(mark, sizeof mark, "0x%08x",
             t->marks[random_range(t->n_marks)]);
    switch (random_range(8)) {
    case 0:
    case 1:
    case 2:
        nft_table_add_endpoint(t, ip, source, random_range(2) ? mark : NULL);
        break;
    case 3:
    case 4:
        nft_table_remove_endpoint(t, ip);
        break;
    case 5:
        smap_replace(&t->port[f], port, mark);
        break;
    case 6:
        smap_remove(&t->port[f], port);
        break;
    default:
        if (!sset_find_and_delete(&t->sets[NFT_TABLE_LOCAL][f], net)) {
            sset_add(&t->sets[NFT_TABLE_LOCAL][f], net);
        }
        break;
    }
    t->empty = random_range(50) == 0;
    free(ip);
    free(source);
    free(port);
    free(net);
}

/* Makes the kernel hold 't', for which it must need one turn. */
static void
check_turn(const struct nft_table *t, int i)
{
    struct smap errors = SMAP_INITIALIZER(&errors);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct machine want;

    nft_table_build(t, &want);
    nft_turn(&want, NULL, &errors);
    if (!(i % 50)) {            /* As after a restart. */
        nft_turn_destroy();
        nft_turn_init();
    }
    nft_turn(&want, &s, &errors);
    if (s.length || !smap_is_empty(&errors)) {
        print_errors(&errors);
        ovs_fatal(0, "change %d: still to do: %s", i, ds_cstr(&s));
    }
    machine_destroy(&want);
    smap_destroy(&errors);
    ds_destroy(&s);
}

/* Makes N random changes.  Prints what the table should be in the end. */
static void
nft_random(struct ovs_cmdl_context *ctx)
{
    struct nft_table t;

    random_set_seed(atoi(ctx->argv[1]));
    nft_table_init(&t);
    for (uint32_t i = 1; i < 6; i++) {
        t.marks[t.n_marks++] = i << 24;
    }
    nft_turn_init();
    for (int i = 1; i <= atoi(ctx->argv[2]); i++) {
        random_change(&t);
        check_turn(&t, i);
    }
    nft_table_write(&t, stdout);
    nft_turn_destroy();
    nft_table_destroy(&t);
}

EGRESS_TEST("nft-random", "SEED N", 2, 2, nft_random)
