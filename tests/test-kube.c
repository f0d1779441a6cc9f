/* SPDX-License-Identifier: Apache-2.0 */

/* Tests of the pure parts of kube/. */

#include <config.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kube/kube-config.h"
#include "kube/kube-json.h"
#include "kube/kube-kind.h"
#include "kube/kube-patch.h"
#include "kube/kube-select.h"
#include "kube/kube-store.h"
#include "kube/kube-tell.h"
#include "kube/kube-watch-decode.h"
#include "openvswitch/dynamic-string.h"
#include "svec.h"
#include "tests/egress-test.h"

/* All of the file 'name'. */
static char *
read_all(const char *name, size_t *n)
{
    FILE *stream = fopen(name, "r");
    struct ds s = DS_EMPTY_INITIALIZER;
    char buf[4096];
    size_t len;

    if (!stream) {
        ovs_fatal(errno, "%s", name);
    }
    while ((len = fread(buf, 1, sizeof buf, stream)) > 0) {
        ds_put_buffer(&s, buf, len);
    }
    fclose(stream);
    *n = s.length;
    return ds_steal_cstr(&s);
}

/* kubeconfig. */

static void
print_blob(const char *name, const struct kube_blob *blob)
{
    if (blob->file) {
        printf("%s: file %s\n", name, blob->file);
    } else if (blob->data) {
        printf("%s: \"%s\"\n", name, blob->data);
    }
}

/* Prints what is in the kubeconfig FILE, or what is wrong with it. */
static void
test_kube_config(struct ovs_cmdl_context *ctx)
{
    struct kube_config config;
    char *error = kube_config_find(&config, ctx->argc > 1 ? ctx->argv[1]
                                   : NULL, ctx->argc > 2 ? ctx->argv[2]
                                   : NULL);
    char *token;

    if (error) {
        printf("error: %s\n", error);
        free(error);
        return;
    }
    printf("source: %s\nserver: %s%s\n", config.source, config.server,
           config.insecure ? ", not verified" : "");
    print_blob("ca", &config.ca);
    print_blob("certificate", &config.certificate);
    print_blob("key", &config.key);
    if (config.tls_server_name) {
        printf("tls-server-name: %s\n", config.tls_server_name);
    }
    if (config.proxy) {
        printf("proxy: %s\n", config.proxy);
    }
    if (config.username) {
        printf("user: %s, %s\n", config.username, config.password);
    }
    error = kube_config_get_token(&config, &token);
    if (token || error) {
        printf("token: %s\n", error ? error : token);
    }
    free(error);
    free(token);
    kube_config_destroy(&config);
}

/* Streams. */

static bool
print_item(void *aux OVS_UNUSED, const struct json *json, const char *error)
{
    struct kube_event event;

    if (!json) {
        printf("bad: %s\n", error);
    } else if (kube_json_get(json, "type")) {
        const char *why = kube_event_from_json(json, &event);

        if (why) {
            printf("bad: %s\n", why);
        } else {
            printf("event %d, version \"%s\", code %d\n", event.type,
                   event.resource_version, event.code);
        }
    } else {
        char *text = json_to_string(json, JSSF_SORT);

        printf("item %s\n", text);
        free(text);
    }
    return true;
}

/* Feeds FILE in parts of SIZE bytes, with items of at most MAX bytes. */
static void
test_kube_decode(struct ovs_cmdl_context *ctx)
{
    bool list = !strcmp(ctx->argv[1], "list");
    size_t size = atoi(ctx->argv[2]);
    struct kube_decoder d;
    struct json *envelope;
    const char *fault = NULL;
    size_t n;
    char *text = read_all(ctx->argv[4], &n);

    kube_decoder_init(&d, list ? KUBE_LIST : KUBE_WATCH, print_item, NULL);
    d.max_item = atoi(ctx->argv[3]);
    for (size_t i = 0; i < n && !fault; i += size) {
        fault = kube_decoder_feed(&d, text + i, MIN(size, n - i));
    }
    if (!fault) {
        fault = kube_decoder_finish(&d, &envelope);
        if (envelope) {
            char *s = json_to_string(envelope, JSSF_SORT);

            printf("envelope %s\n", s);
            free(s);
        }
        json_destroy(envelope);
    }
    printf("%s\n", fault ? fault : "ok");
    kube_decoder_destroy(&d);
    free(text);
}

/* Objects. */

/* Reads a List of JSON objects in 'name' into 'store'. */
static void
read_store(const char *name, struct kube_store *store)
{
    struct json *list = json_from_file(name);
    const struct json *items = kube_json_get(list, "items");

    for (size_t i = 0; i < kube_json_n(items); i++) {
        const struct json *item = kube_json_elem(items, i);
        enum intent_kind kind;
        char *error = NULL;
        struct kube_object *o = NULL;

        if (intent_kind_from_string(kube_json_string(item, "kind"), &kind)) {
            o = kube_object_from_json(kind,
                                      kube_json_string(item, "apiVersion"),
                                      item, &error);
        }
        if (o) {
            kube_store_put(store, o);
        } else {
            printf("bad: %s\n", error ? error : "kind");
        }
        free(error);
    }
    json_destroy(list);
}

static void
print_sorted(struct svec *lines)
{
    const char *line;
    size_t i;

    svec_sort(lines);
    SVEC_FOR_EACH (i, line, lines) {
        puts(line);
    }
    svec_destroy(lines);
}

/* Prints what is kept of each object in FILE. */
static void
test_kube_prune(struct ovs_cmdl_context *ctx)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct kube_store store;
    struct kube_object *o;

    kube_store_init(&store);
    read_store(ctx->argv[1], &store);
    HMAP_FOR_EACH (o, id_node, &store.objects) {
        const struct smap_node **facts = smap_sort(&o->facts);
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_format(&s, "%s: %s", o->id, o->manifest);
        for (size_t i = 0; i < smap_count(&o->facts); i++) {
            ds_put_format(&s, "\n    %s=%s", facts[i]->key, facts[i]->value);
        }
        svec_add_nocopy(&lines, ds_steal_cstr(&s));
        free(facts);
    }
    print_sorted(&lines);
    kube_store_destroy(&store);
}

/* Prints which objects in FILE are needed with the options WORD... */
static void
test_kube_select(struct ovs_cmdl_context *ctx)
{
    struct svec lines = SVEC_EMPTY_INITIALIZER;
    struct kube_select_options options = { .announce = false };
    struct kube_selection selection;
    struct kube_store store;
    struct kube_object *o;

    for (int i = 2; i < ctx->argc; i++) {
        options.announce |= !strcmp(ctx->argv[i], "announce");
        options.allocate_ips |= !strcmp(ctx->argv[i], "allocate-ips");
        options.ingress |= !strcmp(ctx->argv[i], "ingress");
    }
    kube_store_init(&store);
    kube_selection_init(&selection);
    read_store(ctx->argv[1], &store);
    kube_select(&store, &options, &selection);
    HMAP_FOR_EACH (o, id_node, &store.objects) {
        if (kube_selection_has(&selection, o)) {
            svec_add(&lines, o->id);
        }
    }
    print_sorted(&lines);
    kube_selection_destroy(&selection);
    kube_store_destroy(&store);
}

static void
print_patch(char *patch)
{
    puts(patch ? patch : "nothing");
    free(patch);
}

/* Prints the patches of each object in FILE for a row whose status and
 * conditions are in the arguments, as KEY=VALUE; those of conditions begin
 * with "?". */
static void
test_kube_patch(struct ovs_cmdl_context *ctx)
{
    struct smap status = SMAP_INITIALIZER(&status);
    struct smap conditions = SMAP_INITIALIZER(&conditions);
    struct smap since = SMAP_INITIALIZER(&since);
    struct kube_store store;
    struct kube_object *o;

    for (int i = 2; i < ctx->argc; i++) {
        char *key = ctx->argv[i];
        char *value = strchr(key, '=');

        *value++ = '\0';
        smap_add(*key == '?' ? &conditions : &status, key + (*key == '?'),
                 value);
    }
    char *list = kube_patch_conditions(&conditions, &since);
    kube_store_init(&store);
    read_store(ctx->argv[1], &store);
    HMAP_FOR_EACH (o, id_node, &store.objects) {
        if (o->kind == INTENT_EGRESS_SERVICE) {
            const char *host = smap_get_def(&status, "host", "");

            print_patch(kube_patch_egress_service(o, host, list));
            print_patch(kube_patch_egress_service(o, host, NULL));
        } else if (o->kind == INTENT_NODE) {
            print_patch(kube_patch_node(o, &status));
        } else if (o->kind == INTENT_SERVICE) {
            print_patch(kube_patch_service(o, smap_get_def(&status, "ingress",
                                                           "")));
        }
    }
    free(list);
    smap_destroy(&status);
    smap_destroy(&conditions);
    smap_destroy(&since);
    kube_store_destroy(&store);
}

/* "-" is not known. */
static const char *
known(const char *s)
{
    return strcmp(s, "-") ? s : NULL;
}

/* Prints what is new between two states. */
static void
test_kube_tell(struct ovs_cmdl_context *ctx)
{
    const struct kube_service_state before = { known(ctx->argv[1]),
                                               known(ctx->argv[2]) };
    const struct kube_service_state now = { ctx->argv[3],
                                            known(ctx->argv[4]) };
    struct kube_news news[KUBE_MAX_NEWS];
    size_t n = kube_tell(&before, &now, known(ctx->argv[5]), news);

    for (size_t i = 0; i < n; i++) {
        printf("%s %s: %s\n", news[i].warning ? "Warning" : "Normal",
               news[i].reason, news[i].message);
        free(news[i].message);
    }
}

EGRESS_TEST("kube-config", "[FILE [CONTEXT]]", 0, 2, test_kube_config)
EGRESS_TEST("kube-decode", "list|watch SIZE MAX FILE", 4, 4,
            test_kube_decode)
EGRESS_TEST("kube-prune", "FILE", 1, 1, test_kube_prune)
EGRESS_TEST("kube-select", "FILE [OPTION]...", 1, INT_MAX, test_kube_select)
EGRESS_TEST("kube-patch", "FILE [KEY=VALUE]...", 1, INT_MAX, test_kube_patch)
EGRESS_TEST("kube-tell", "HOST READY HOST READY UNFIT", 5, 5, test_kube_tell)
