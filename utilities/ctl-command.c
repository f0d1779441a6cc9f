/* SPDX-License-Identifier: Apache-2.0 */

/* The command line of an object command: see the header. */

#include <config.h>
#include "utilities/ctl-command.h"

#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "util.h"

#include "utilities/ctl-manifests.h"
#include "utilities/ctl-session.h"
#include "utilities/egressctl.h"

/* Seconds that --wait and "wait" take at most, if not said: kubectl's. */
#define DEFAULT_TIMEOUT 30

/* All "struct command"s. */
static struct hmap commands = HMAP_INITIALIZER(&commands);

static const char *default_namespace;

void
command_set_default_namespace(const char *namespace)
{
    default_namespace = namespace;
}

static const struct option long_options[] = {
    {"filename", required_argument, NULL, CMD_FILE},
    {"namespace", required_argument, NULL, CMD_NAMESPACE},
    {"all-namespaces", no_argument, NULL, CMD_ALL_NAMESPACES},
    {"output", required_argument, NULL, CMD_OUTPUT},
    {"no-headers", no_argument, NULL, CMD_OUTPUT},
    {"dry-run", optional_argument, NULL, CMD_DRY_RUN},
    {"prune", no_argument, NULL, CMD_PRUNE},
    {"apply-set", required_argument, NULL, CMD_PRUNE},
    {"wait", no_argument, NULL, CMD_WAIT},
    {"timeout", required_argument, NULL, CMD_TIMEOUT},
    {"ignore-not-found", no_argument, NULL, CMD_IGNORE_MISSING},
    {"for", required_argument, NULL, CMD_FOR},
    {"from", required_argument, NULL, CMD_FROM},
    {"watch", no_argument, NULL, CMD_WATCH},
    {"recursive", no_argument, NULL, CMD_READ},
    {"strict", no_argument, NULL, CMD_READ},
    {"take-over", no_argument, NULL, CMD_MIGRATE},
    {"back", no_argument, NULL, CMD_MIGRATE},
    {"release", no_argument, NULL, CMD_MIGRATE},
    {"force", no_argument, NULL, CMD_MIGRATE},
    {NULL, 0, NULL, 0},
};

/* Returns the "enum command_option" of a short option, or 0. */
static unsigned int
short_option(int c)
{
    switch (c) {
    case 'f': return CMD_FILE;
    case 'n': return CMD_NAMESPACE;
    case 'A': return CMD_ALL_NAMESPACES;
    case 'o': return CMD_OUTPUT;
    case 'w': return CMD_WATCH;
    case 'R': return CMD_READ;
    default: return 0;
    }
}

static struct command *
find(char *argv[])
{
    struct command *cmd;

    HMAP_FOR_EACH_WITH_HASH (cmd, hmap_node, hash_pointer(argv, 0),
                             &commands) {
        if (cmd->argv == argv) {
            return cmd;
        }
    }
    return NULL;
}

struct command *
command_get(const struct ctl_context *ctx)
{
    struct command *cmd = find(ctx->argv);

    ovs_assert(cmd);
    return cmd;
}

static void
command_destroy(struct command *cmd)
{
    svec_destroy(&cmd->files);
    intent_list_destroy(&cmd->objs);
    free(cmd);
}

void
command_destroy_all(void)
{
    struct command *cmd;

    HMAP_FOR_EACH_POP (cmd, hmap_node, &commands) {
        command_destroy(cmd);
    }
    hmap_destroy(&commands);
}

/* Sets '*format' to the format that 's' names.  Returns false if none. */
static bool
parse_format(const char *s, enum command_format *format)
{
    static const char *const names[] = {
        [FORMAT_TABLE] = "table",
        [FORMAT_WIDE] = "wide",
        [FORMAT_YAML] = "yaml",
        [FORMAT_JSON] = "json",
        [FORMAT_NAME] = "name",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!strcmp(s, names[i])) {
            *format = i;
            return true;
        }
    }
    return false;
}

/* Sets '*seconds' to 's', a number with the unit s (or none), m or h.
 * Returns false if it is not one. */
static bool
parse_time(const char *s, double *seconds)
{
    char *tail;
    double n = strtod(s, &tail);
    double unit = (!tail[0] || !strcmp(tail, "s") ? 1
                   : !strcmp(tail, "m") ? 60
                   : !strcmp(tail, "h") ? 3600
                   : 0);

    /* A million hours fits in milliseconds, "inf" does not. */
    if (tail == s || !unit || !isfinite(n) || n < 0 || n * unit > 3.6e9) {
        return false;
    }
    *seconds = n * unit;
    return true;
}

/* Acts on one option, 'name' for messages.  Returns false on a bad value. */
static bool
use_option(struct ctl_context *ctx, struct command *cmd,
           enum command_option option, const char *name, char *arg)
{
    bool ok = true;

    switch (option) {
    case CMD_FILE:
        svec_add(&cmd->files, arg);
        break;
    case CMD_NAMESPACE:
        cmd->namespace = arg;
        ok = arg[0];
        break;
    case CMD_ALL_NAMESPACES:
        cmd->all_namespaces = true;
        break;
    case CMD_OUTPUT:
        if (!strcmp(name, "no-headers")) {
            cmd->headings = false;
        } else {
            ok = parse_format(arg, &cmd->format);
        }
        break;
    case CMD_DRY_RUN:
        /* kubectl's are all the same here. */
        ok = !arg || !strcmp(arg, "client") || !strcmp(arg, "server");
        session_set_dry_run();
        break;
    case CMD_PRUNE:
        if (!strcmp(name, "prune")) {
            cmd->prune = true;
        } else {
            cmd->apply_set = arg;
            ok = arg[0];
        }
        break;
    case CMD_WAIT:
        cmd->wait = true;
        break;
    case CMD_TIMEOUT:
        ok = parse_time(arg, &cmd->timeout);
        break;
    case CMD_IGNORE_MISSING:
        cmd->ignore_missing = true;
        break;
    case CMD_FOR:
        cmd->condition = arg;
        break;
    case CMD_FROM:
        cmd->client = arg;
        break;
    case CMD_WATCH:
        cmd->watch = true;
        break;
    case CMD_READ:
        if (!strcmp(name, "strict")) {
            cmd->strict = true;
        } else {
            cmd->recursive = true;
        }
        break;
    case CMD_MIGRATE:
        if (!strcmp(name, "force")) {
            cmd->force = true;
        } else {
            cmd->step = name;
        }
        break;
    }
    if (!ok) {
        ctl_error(ctx, "%s: \"%s\" is not valid for the option \"%s\"",
                  ctx->argv[0], arg, name);
    }
    return ok;
}

/* Parses the options of 'cmd'.  Returns false on a mistake. */
static bool
parse_options(struct ctl_context *ctx, struct command *cmd,
              unsigned int allowed)
{
    optind = 0;
    opterr = 0;
    for (;;) {
        int i = -1;
        int c = getopt_long(ctx->argc, ctx->argv, ":f:n:Ao:wR", long_options,
                            &i);
        if (c == -1) {
            break;
        }

        unsigned int option = i >= 0 ? c : short_option(c);
        if (c == ':') {
            ctl_error(ctx, "%s: option \"%s\" requires a value", ctx->argv[0],
                      ctx->argv[optind - 1]);
            return false;
        } else if (c == '?' || !(option & allowed)) {
            ctl_error(ctx, "%s: unknown option \"%s\"; use --help for "
                      "help", ctx->argv[0], ctx->argv[optind - 1]);
            return false;
        }

        const char *name = (i >= 0 ? long_options[i].name
                            : (char[2]) { c, '\0' });
        if (!use_option(ctx, cmd, option, name, optarg)) {
            return false;
        }
    }
    cmd->words = ctx->argv + optind;
    cmd->n_words = ctx->argc - optind;
    return true;
}

struct command *
command_parse(struct ctl_context *ctx, unsigned int allowed)
{
    struct command *cmd = xzalloc(sizeof *cmd);

    cmd->argv = ctx->argv;
    svec_init(&cmd->files);
    intent_list_init(&cmd->objs);
    cmd->headings = true;
    cmd->namespace = default_namespace;
    cmd->timeout = DEFAULT_TIMEOUT;
    hmap_insert(&commands, &cmd->hmap_node, hash_pointer(cmd->argv, 0));

    if (!parse_options(ctx, cmd, allowed)) {
        return NULL;
    }
    if (cmd->wait) {
        session_wait_for_agent(ctx);
        session_set_timeout(cmd->timeout);
    }
    cmd->objs.skip_others = !cmd->strict;
    if (!manifests_read(&cmd->files, cmd->namespace, cmd->recursive,
                        &cmd->objs)) {
        session_fatal(EGRESSCTL_BAD_INPUT, "nothing was done, because of "
                      "the errors above");
    }
    return cmd;
}

/* Naming objects. */

#define KIND_ALL "all"

/* Returns the first 'n' bytes of 's' as a kind.  Returns false if they are
 * not the name of one. */
static bool
parse_kind(const char *s, size_t n, enum intent_kind *kind)
{
    char *name = xmemdup0(s, n);
    bool ok = intent_kind_from_string(name, kind);

    free(name);
    return ok;
}

bool
command_is_object_word(const char *word)
{
    enum intent_kind kind;

    return (!strcmp(word, KIND_ALL)
            || parse_kind(word, strcspn(word, ",/"), &kind));
}

void
object_refs_add(struct object_refs *refs, enum intent_kind kind,
                const char *namespace, const char *name)
{
    refs->items = xrealloc(refs->items,
                           (refs->n + 1) * sizeof *refs->items);
    refs->items[refs->n++] = (struct object_ref) {
        .kind = kind,
        .namespace = nullable_xstrdup(namespace),
        .name = nullable_xstrdup(name),
    };
}

/* Adds the object that 'name', NAME or NAMESPACE/NAME, means.  Returns NULL
 * or an error, to be freed by the caller. */
static char * OVS_WARN_UNUSED_RESULT
add_named(struct object_refs *refs, const struct command *cmd,
          enum intent_kind kind, const char *name)
{
    const char *slash = strchr(name, '/');

    if (!name[0] || (slash && (slash == name || !slash[1]
                               || strchr(slash + 1, '/')))) {
        return xasprintf("\"%s\" is not NAME or NAMESPACE/NAME", name);
    }
    if (!slash) {
        object_refs_add(refs, kind, (intent_kind_is_namespaced(kind)
                                     ? cmd->namespace : ""), name);
        return NULL;
    }
    if (!intent_kind_is_namespaced(kind)) {
        return xasprintf("%s \"%s\": this kind has no namespaces",
                         intent_kind_name(kind), name);
    }

    char *namespace = xmemdup0(name, slash - name);
    char *error = NULL;
    if (cmd->namespace && strcmp(cmd->namespace, namespace)) {
        error = xasprintf("%s \"%s\": not in the namespace \"%s\" of option "
                          "-n", intent_kind_name(kind), name, cmd->namespace);
    } else {
        object_refs_add(refs, kind, namespace, slash + 1);
    }
    free(namespace);
    return error;
}

static char * OVS_WARN_UNUSED_RESULT
unknown_kind(const char *word)
{
    struct ds s = DS_EMPTY_INITIALIZER;

    ds_put_format(&s, "\"%s\" is not a kind of object (the kinds: ", word);
    for (int i = 0; i < INTENT_N_KINDS; i++) {
        ds_put_format(&s, "%s%s", i ? ", " : "", intent_kind_name(i));
    }
    ds_put_char(&s, ')');
    return ds_steal_cstr(&s);
}

/* Adds all objects of 'kind'. */
static void
add_kind(struct object_refs *refs, const struct command *cmd,
         enum intent_kind kind)
{
    object_refs_add(refs, kind, (intent_kind_is_namespaced(kind)
                                 ? cmd->namespace : NULL), NULL);
}

/* Adds all objects of the kinds that 'word' lists.  Returns NULL or an error,
 * to be freed by the caller. */
static char * OVS_WARN_UNUSED_RESULT
add_kinds(struct object_refs *refs, const struct command *cmd,
          const char *word)
{
    if (!strcmp(word, KIND_ALL)) {
        for (int i = 0; i < INTENT_N_KINDS; i++) {
            add_kind(refs, cmd, i);
        }
        return NULL;
    }
    for (const char *s = word; ; s++) {
        size_t n = strcspn(s, ",");
        enum intent_kind kind;

        if (!parse_kind(s, n, &kind)) {
            return unknown_kind(word);
        }
        add_kind(refs, cmd, kind);
        s += n;
        if (!s[0]) {
            return NULL;
        }
    }
}

/* Adds what the words of 'cmd' mean. */
static char * OVS_WARN_UNUSED_RESULT
add_words(struct object_refs *refs, const struct command *cmd)
{
    enum intent_kind kind;
    char *error = NULL;

    if (strchr(cmd->words[0], '/')) {
        for (size_t i = 0; i < cmd->n_words && !error; i++) {
            const char *word = cmd->words[i];
            size_t n = strcspn(word, "/");

            error = (!word[n] || !parse_kind(word, n, &kind)
                     ? xasprintf("\"%s\" is not KIND/NAME", word)
                     : add_named(refs, cmd, kind, word + n + 1));
        }
        return error;
    }
    if (cmd->n_words == 1) {
        return add_kinds(refs, cmd, cmd->words[0]);
    }
    if (!intent_kind_from_string(cmd->words[0], &kind)) {
        return unknown_kind(cmd->words[0]);
    }
    for (size_t i = 1; i < cmd->n_words && !error; i++) {
        error = add_named(refs, cmd, kind, cmd->words[i]);
    }
    return error;
}

struct object_refs
command_refs(struct ctl_context *ctx, const struct command *cmd)
{
    struct object_refs refs = { NULL, 0 };
    char *error = (cmd->n_words
                   ? add_words(&refs, cmd)
                   : xstrdup("which kind of object?"));

    if (error) {
        ctl_error(ctx, "%s: %s", ctx->argv[0], error);
        free(error);
        object_refs_destroy(&refs);
    }
    return refs;
}

void
object_refs_destroy(struct object_refs *refs)
{
    for (size_t i = 0; i < refs->n; i++) {
        free(refs->items[i].namespace);
        free(refs->items[i].name);
    }
    free(refs->items);
    *refs = (struct object_refs) { NULL, 0 };
}
