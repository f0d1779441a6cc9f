/* SPDX-License-Identifier: Apache-2.0 */

/* Where the API server is and who we are there: see the header. */

#include <config.h>

#include "kube/kube-config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "intent/intent.h"
#include "kube/kube-json.h"
#include "openvswitch/dynamic-string.h"
#include "util.h"

/* Where Kubernetes puts the service account of a pod. */
#define POD_FILES "/var/run/secrets/kubernetes.io/serviceaccount/"

/* No kubeconfig, certificate or token is larger. */
#define MAX_FILE (1 << 20)

/* Reads 'name' to '*text', which the caller frees.  Returns NULL, or why it
 * cannot be read. */
static char *
read_file(const char *name, char **text, size_t *n)
{
    FILE *stream = fopen(name, "r");

    *text = NULL;
    if (!stream) {
        return xasprintf("%s: %s", name, ovs_strerror(errno));
    }
    *text = xmalloc(MAX_FILE + 1);
    *n = fread(*text, 1, MAX_FILE + 1, stream);

    char *error = (ferror(stream)
                   ? xasprintf("%s: %s", name, ovs_strerror(errno))
                   : *n > MAX_FILE
                   ? xasprintf("%s: larger than %d bytes", name, MAX_FILE)
                   : NULL);
    fclose(stream);
    if (error) {
        free(*text);
        *text = NULL;
    } else {
        (*text)[*n] = '\0';
    }
    return error;
}

/* kubeconfig. */

/* What is being read. */
struct reader {
    const char *file;
    const char *context, *user; /* Names, once known. */
};

/* Returns an error, with all that says where it is. */
static char * OVS_PRINTF_FORMAT(2, 3)
fail(const struct reader *r, const char *format, ...)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    va_list args;

    ds_put_cstr(&s, r->file);
    for (int i = 0; i < 2; i++) {
        const char *name = i ? r->user : r->context;

        if (name && *name) {
            char *clean = intent_clean(name, 253);

            ds_put_format(&s, "%s%s \"%s\"", i ? ", " : ": ",
                          i ? "user" : "context", clean);
            free(clean);
        }
    }
    ds_put_cstr(&s, ": ");
    va_start(args, format);
    ds_put_format_valist(&s, format, args);
    va_end(args);
    return ds_steal_cstr(&s);
}

/* Returns the member 'member' of what is called 'name' in the list 'list', or
 * NULL. */
static const struct json *
find_named(const struct json *config, const char *list, const char *member,
           const char *name)
{
    const struct json *items = kube_json_get(config, list);

    for (size_t i = 0; i < kube_json_n(items); i++) {
        const struct json *item = kube_json_elem(items, i);

        if (!strcmp(kube_json_string(item, "name"), name)) {
            const struct json *found = kube_json_get(item, member);

            return found && found->type == JSON_OBJECT ? found : NULL;
        }
    }
    return NULL;
}

/* A copy of the member 'key', or NULL if it is not there or empty. */
static char *
get_text(const struct json *map, const char *key)
{
    const char *s = kube_json_string(map, key);

    return *s ? xstrdup(s) : NULL;
}

/* 'name', relative to the directory of the kubeconfig. */
static char *
resolve_file(const struct reader *r, const char *name)
{
    char *dir = dir_name(r->file);
    char *path = *name == '/' ? xstrdup(name) : xasprintf("%s/%s", dir, name);

    free(dir);
    return path;
}

/* Removes the white space that Base64 may have. */
static char *
squeeze(const char *s)
{
    char *out = xmalloc(strlen(s) + 1);
    char *p = out;

    for (; *s; s++) {
        if (!strchr(" \r\n\t", *s)) {
            *p++ = *s;
        }
    }
    *p = '\0';
    return out;
}

/* Reads "KEY-data" or "KEY" of 'map'. */
static char *
get_blob(const struct reader *r, const struct json *map, const char *key,
         struct kube_blob *blob)
{
    char *data_key = xasprintf("%s-data", key);
    const char *data = kube_json_string(map, data_key);
    const char *file = kube_json_string(map, key);
    char *error = NULL;

    if (*data) {
        char *digits = squeeze(data);

        blob->data = intent_base64_decode(digits, strlen(digits), &blob->n);
        if (!blob->data) {
            error = fail(r, "%s is not Base64", data_key);
        }
        free(digits);
    } else if (*file) {
        blob->file = resolve_file(r, file);
    }
    free(data_key);
    return error;
}

static char *
read_cluster(const struct reader *r, const struct json *cluster,
             struct kube_config *config)
{
    const char *server = kube_json_string(cluster, "server");
    size_t n = strlen(server);

    while (n && server[n - 1] == '/') {
        n--;
    }
    config->server = xmemdup0(server, n);
    if (strncmp(server, "https://", 8) && strncmp(server, "http://", 7)) {
        char *clean = intent_clean(server, 253);
        char *error = fail(r, "server \"%s\" does not start with https://",
                           clean);

        free(clean);
        return error;
    }
    config->insecure = kube_json_is_true(cluster, "insecure-skip-tls-verify");
    config->tls_server_name = get_text(cluster, "tls-server-name");
    config->proxy = get_text(cluster, "proxy-url");
    return get_blob(r, cluster, "certificate-authority", &config->ca);
}

static char *
read_user(const struct reader *r, const struct json *user,
          struct kube_config *config)
{
    static const char *const refused[] = { "exec", "auth-provider" };

    for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
        if (kube_json_get(user, refused[i])) {
            return fail(r, "\"%s\" runs a program to get a token, which "
                        "ovn-egress-kube does not do; give it a token, a "
                        "tokenFile or a client certificate", refused[i]);
        }
    }
    if (kube_json_get(user, "as")) {
        return fail(r, "\"as\": acting as another user is not supported");
    }
    config->token = get_text(user, "token");
    config->username = get_text(user, "username");
    config->password = get_text(user, "password");

    const char *token_file = kube_json_string(user, "tokenFile");
    if (*token_file) {
        config->token_file = resolve_file(r, token_file);
    }
    char *error = get_blob(r, user, "client-certificate",
                           &config->certificate);
    if (!error) {
        error = get_blob(r, user, "client-key", &config->key);
    }
    bool has_key = config->key.data || config->key.file;
    if (!error && (config->certificate.data || config->certificate.file)
        && !has_key) {
        error = fail(r, "client-certificate without client-key");
    }
    return error;
}

static char *
read_context(struct reader *r, const struct json *json, const char *name,
             struct kube_config *config)
{
    if (!name) {
        name = kube_json_string(json, "current-context");
    }
    if (!*name) {
        return fail(r, "no current-context (use --context)");
    }
    r->context = name;

    const struct json *context = find_named(json, "contexts", "context",
                                            name);
    if (!context) {
        return fail(r, "no such context");
    }

    const char *cluster_name = kube_json_string(context, "cluster");
    const struct json *cluster = find_named(json, "clusters", "cluster",
                                            cluster_name);
    if (!cluster) {
        char *clean = intent_clean(cluster_name, 253);
        char *error = fail(r, "no cluster \"%s\"", clean);

        free(clean);
        return error;
    }
    config->source = xasprintf("%s, context \"%s\"", r->file, name);
    char *error = read_cluster(r, cluster, config);
    if (error) {
        return error;
    }

    const char *user_name = kube_json_string(context, "user");
    if (!*user_name) {
        return NULL;            /* Anonymous. */
    }
    r->user = user_name;
    const struct json *user = find_named(json, "users", "user", user_name);
    return user ? read_user(r, user, config) : fail(r, "no such user");
}

char *
kube_config_parse(struct kube_config *config, const char *text, size_t n,
                  const char *file, const char *context)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct reader r = { .file = file };
    char *error = NULL;

    *config = (struct kube_config) { .source = NULL };
    char *json_text = intent_yaml_to_json(text, n, file, &problems);
    struct json *json = (json_text
                         ? kube_json_parse(json_text, strlen(json_text),
                                           &error) : NULL);
    if (json) {
        error = read_context(&r, json, context, config);
    } else if (!error && problems.n) {
        char *problem = intent_problem_to_string(&problems.items[0]);

        error = xstrdup(problem);
        free(problem);
    } else if (!error) {
        error = fail(&r, "is not a kubeconfig");
    }
    json_destroy(json);
    free(json_text);
    intent_problems_destroy(&problems);
    if (error) {
        kube_config_destroy(config);
    }
    return error;
}

char *
kube_config_read(struct kube_config *config, const char *file,
                 const char *context)
{
    char *text;
    size_t n;
    char *error = read_file(file, &text, &n);

    if (!error) {
        error = kube_config_parse(config, text, n, file, context);
        free(text);
    }
    return error;
}

/* A pod's. */

char *
kube_config_from_pod(struct kube_config *config)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    const char *port = getenv("KUBERNETES_SERVICE_PORT");

    if (!host || !*host || !port || !*port) {
        return xstrdup("neither --kubeconfig nor $KUBECONFIG is given, and "
                       "this is no pod ($KUBERNETES_SERVICE_HOST and "
                       "$KUBERNETES_SERVICE_PORT)");
    }

    bool is_v6 = strchr(host, ':') && *host != '[';
    *config = (struct kube_config) {
        .source = xstrdup("the pod's service account"),
        .server = xasprintf("https://%s%s%s:%s", is_v6 ? "[" : "", host,
                            is_v6 ? "]" : "", port),
        .ca.file = xstrdup(POD_FILES "ca.crt"),
        .token_file = xstrdup(POD_FILES "token"),
    };
    return NULL;
}

char *
kube_config_find(struct kube_config *config, const char *file,
                 const char *context)
{
    const char *env = getenv("KUBECONFIG");

    if (!file && env && *env) {
        if (strchr(env, ':')) {
            return xasprintf("$KUBECONFIG: \"%s\" names several files, "
                             "which are not merged; use --kubeconfig", env);
        }
        file = env;
    }
    if (file) {
        return kube_config_read(config, file, context);
    }
    return (context ? xstrdup("--context needs --kubeconfig")
            : kube_config_from_pod(config));
}

static void
blob_destroy(struct kube_blob *blob)
{
    free(blob->file);
    free(blob->data);
}

void
kube_config_destroy(struct kube_config *config)
{
    if (config) {
        free(config->source);
        free(config->server);
        blob_destroy(&config->ca);
        free(config->tls_server_name);
        free(config->proxy);
        blob_destroy(&config->certificate);
        blob_destroy(&config->key);
        free(config->token);
        free(config->token_file);
        free(config->username);
        free(config->password);
        *config = (struct kube_config) { .source = NULL };
    }
}

char *
kube_config_get_token(const struct kube_config *config, char **token)
{
    *token = config->token ? xstrdup(config->token) : NULL;
    if (!config->token_file) {
        return NULL;
    }

    char *text;
    size_t n;
    char *error = read_file(config->token_file, &text, &n);
    if (error) {
        free(*token);
        *token = NULL;
        return error;
    }
    n = strcspn(text, " \r\n\t");
    text[n] = '\0';
    free(*token);
    *token = text;
    return n ? NULL : xasprintf("%s: is empty", config->token_file);
}
