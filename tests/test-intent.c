/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of intent/: text in, typed objects and problems out. */

#include <config.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "openvswitch/dynamic-string.h"
#include "tests/egress-test.h"
#include "tests/intent-check.h"
#include "tests/intent-dump.h"
#include "timeval.h"

/* Reads 'file' into 's'. */
static void
read_file(const char *file, struct ds *s)
{
    FILE *stream = fopen(file, "r");
    char buf[4096];
    size_t n;

    if (!stream) {
        ovs_fatal(errno, "%s", file);
    }
    while ((n = fread(buf, 1, sizeof buf, stream)) > 0) {
        ds_put_buffer(s, buf, n);
    }
    fclose(stream);
}

static const char *
file_name(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash ? slash + 1 : file;
}

static enum intent_strictness
parse_strictness(const char *s)
{
    return !strcmp(s, "lenient") ? INTENT_LENIENT : INTENT_STRICT;
}

static void
print_problems(const struct intent_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        char *s = intent_problem_to_string(&problems->items[i]);

        puts(s);
        free(s);
    }
}

/* Parses the files from argv[2] on. */
static void
parse_files(struct ovs_cmdl_context *ctx, struct intent_list *list,
            struct intent_problems *problems)
{
    for (int i = 2; i < ctx->argc; i++) {
        struct ds text = DS_EMPTY_INITIALIZER;

        read_file(ctx->argv[i], &text);
        intent_parse(ds_cstr(&text), text.length, file_name(ctx->argv[i]),
                     parse_strictness(ctx->argv[1]), list, problems);
        ds_destroy(&text);
    }
}

/* Prints problems, then the objects. */
static void
test_parse(struct ovs_cmdl_context *ctx)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;
    struct ds s = DS_EMPTY_INITIALIZER;

    parse_files(ctx, &list, &problems);
    intent_list_check(&list, &problems);
    print_problems(&problems);
    for (size_t i = 0; i < list.n; i++) {
        intent_dump(list.objs[i], &s);
        intent_check_manifest(list.objs[i], parse_strictness(ctx->argv[1]));
    }
    fputs(ds_cstr(&s), stdout);
    ds_destroy(&s);
    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
}

/* Each line of the file is an object of JSON: its problems, its manifest. */
static void
test_json(struct ovs_cmdl_context *ctx)
{
    struct ds text = DS_EMPTY_INITIALIZER;
    char *save_ptr = NULL;

    read_file(ctx->argv[2], &text);
    for (char *line = strtok_r(ds_cstr(&text), "\n", &save_ptr); line;
         line = strtok_r(NULL, "\n", &save_ptr)) {
        struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
        struct intent_object *obj = intent_object_from_json(
            line, strlen(line), parse_strictness(ctx->argv[1]), &problems);

        print_problems(&problems);
        puts(obj ? obj->manifest : "none");
        intent_object_destroy(obj);
        intent_problems_destroy(&problems);
    }
    ds_destroy(&text);
}

/* Prints what the YAML of each object is. */
static void
test_to_yaml(struct ovs_cmdl_context *ctx)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;

    parse_files(ctx, &list, &problems);
    print_problems(&problems);
    for (size_t i = 0; i < list.n; i++) {
        char *yaml = intent_json_to_yaml(list.objs[i]->manifest);

        fputs(yaml, stdout);
        intent_check_manifest(list.objs[i], parse_strictness(ctx->argv[1]));
        free(yaml);
    }
    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
}

static void
test_merge(struct ovs_cmdl_context *ctx)
{
    char *merged = intent_json_merge(ctx->argv[1], ctx->argv[2]);

    puts(merged ? merged : "none");
    free(merged);
}

static void
test_yaml_of(struct ovs_cmdl_context *ctx)
{
    char *yaml = intent_json_to_yaml(ctx->argv[1]);

    fputs(yaml ? yaml : "none\n", stdout);
    free(yaml);
}

/* Prints which Nodes each EgressService, and the node selectors of each
 * BGPPeer, match. */
static void
test_match(struct ovs_cmdl_context *ctx)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;

    parse_files(ctx, &list, &problems);
    print_problems(&problems);
    for (size_t i = 0; i < list.n; i++) {
        const struct intent_object *obj = list.objs[i];

        if (obj->kind != INTENT_EGRESS_SERVICE
            && obj->kind != INTENT_BGP_PEER) {
            continue;
        }
        printf("%s:", obj->name);
        for (size_t j = 0; j < list.n; j++) {
            const struct intent_object *node = list.objs[j];

            if (node->kind == INTENT_NODE
                && (obj->kind == INTENT_EGRESS_SERVICE
                    ? intent_selector_matches(
                        &obj->egress_service.node_selector, &node->labels)
                    : intent_selectors_match(
                        obj->bgp_peer.node_selectors.items,
                        obj->bgp_peer.node_selectors.n, &node->labels))) {
                printf(" %s", node->name);
            }
        }
        putchar('\n');
    }
    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
}

static void
test_kinds(struct ovs_cmdl_context *ctx)
{
    for (int i = 1; i < ctx->argc; i++) {
        enum intent_kind kind;

        if (intent_kind_from_string(ctx->argv[i], &kind)) {
            printf("%s: %s %s%s\n", ctx->argv[i],
                   intent_kind_api_version(kind), intent_kind_name(kind),
                   intent_kind_is_namespaced(kind) ? " namespaced" : "");
        } else {
            printf("%s: none\n", ctx->argv[i]);
        }
    }
}

/* Decodes N Services and N EndpointSlices of 10 endpoints from JSON, and
 * prints how long it took. */
static void
test_bench(struct ovs_cmdl_context *ctx)
{
    const int n = atoi(ctx->argv[1]);
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_list list = INTENT_LIST_INITIALIZER;
    struct ds text = DS_EMPTY_INITIALIZER;
    long long int elapsed = 0;
    size_t n_bytes = 0;

    read_file(ctx->argv[2], &text);
    intent_parse(ds_cstr(&text), text.length, "bench", INTENT_STRICT, &list,
                 &problems);
    print_problems(&problems);
    for (size_t i = 0; i < list.n; i++) {
        const char *manifest = list.objs[i]->manifest;
        const size_t len = strlen(manifest);
        long long int start = time_usec();

        for (int j = 0; j < n; j++) {
            intent_object_destroy(intent_object_from_json(
                manifest, len, INTENT_LENIENT, &problems));
        }
        elapsed += time_usec() - start;
        n_bytes += len * n;
    }
    printf("%"PRIuSIZE" objects, %"PRIuSIZE" bytes: %lld ms\n",
           list.n * n, n_bytes, elapsed / 1000);
    ds_destroy(&text);
    intent_list_destroy(&list);
    intent_problems_destroy(&problems);
}

EGRESS_TEST("intent-parse", "strict|lenient FILE...", 2, INT_MAX, test_parse)
EGRESS_TEST("intent-json", "strict|lenient FILE", 2, 2, test_json)
EGRESS_TEST("intent-to-yaml", "strict|lenient FILE...", 2, INT_MAX,
            test_to_yaml)
EGRESS_TEST("intent-yaml-of", "JSON", 1, 1, test_yaml_of)
EGRESS_TEST("intent-merge", "JSON OVERLAY", 2, 2, test_merge)
EGRESS_TEST("intent-match", "strict|lenient FILE...", 2, INT_MAX, test_match)
EGRESS_TEST("intent-kinds", "NAME...", 1, INT_MAX, test_kinds)
EGRESS_TEST("intent-bench", "N FILE", 2, 2, test_bench)
