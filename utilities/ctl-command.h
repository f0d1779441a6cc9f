/* SPDX-License-Identifier: Apache-2.0 */

/* The command line of an object command, such as
 *
 *     get es server1 -n test -o yaml
 *     apply -f DIR --prune --apply-set=web
 *
 * db-ctl-base.h hands over all words from the name of the command on; this
 * takes them apart.  Each object command calls command_parse() in its
 * "prerequisites", which also reads the files that -f names, so that what is
 * wrong with them is said before the database is asked; and command_get() in
 * its "run", which may happen several times. */

#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H 1

#include <stdbool.h>
#include <stddef.h>

#include "intent/intent.h"
#include "openvswitch/hmap.h"
#include "svec.h"

struct ctl_context;

/* The options that a command can have. */
enum command_option {
    CMD_FILE = 1 << 0,          /* -f FILE */
    CMD_NAMESPACE = 1 << 1,     /* -n NAMESPACE */
    CMD_ALL_NAMESPACES = 1 << 2,        /* -A */
    CMD_OUTPUT = 1 << 3,        /* -o FORMAT, --no-headers */
    CMD_DRY_RUN = 1 << 4,       /* --dry-run */
    CMD_PRUNE = 1 << 5,         /* --prune, --apply-set=NAME */
    CMD_WAIT = 1 << 6,          /* --wait */
    CMD_TIMEOUT = 1 << 7,       /* --timeout=TIME */
    CMD_IGNORE_MISSING = 1 << 8,        /* --ignore-not-found */
    CMD_FOR = 1 << 9,           /* --for=CONDITION */
    CMD_FROM = 1 << 10,         /* --from=CLIENT */
    CMD_WATCH = 1 << 11,        /* -w */
    CMD_READ = 1 << 12,         /* -R, --strict: with -f */
    CMD_MIGRATE = 1 << 13,      /* --take-over, --back, --release, --force */
};

/* The options for manifests. */
#define CMD_FILES (CMD_FILE | CMD_READ)

enum command_format {
    FORMAT_TABLE, FORMAT_WIDE, FORMAT_YAML, FORMAT_JSON, FORMAT_NAME,
};

/* What a command was asked for. */
struct command {
    struct hmap_node hmap_node; /* By 'argv'. */
    char **argv;                /* From db-ctl-base.h. */

    struct svec files;
    const char *namespace;      /* NULL if not given. */
    bool all_namespaces;
    enum command_format format;
    bool headings;
    bool prune, wait, ignore_missing, watch;
    bool recursive;             /* -R: directories in directories too. */
    bool strict;                /* --strict: no object of another kind. */
    const char *step;           /* "take-over", "back", "release"; NULL if not
                                 * given. */
    bool force;
    const char *apply_set;      /* NULL if not given. */
    const char *condition;      /* --for, NULL if not given. */
    const char *client;         /* --from, NULL if not given. */
    double timeout;             /* Seconds. */

    char **words;               /* What is not an option. */
    size_t n_words;

    struct intent_list objs;    /* From 'files', in their order. */
};

/* The namespace of objects that do not say theirs, without -n (global or the
 * command's own). */
#define DEFAULT_NAMESPACE "default"

/* -n before the command. */
void command_set_default_namespace(const char *);

/* Takes the command line of 'ctx' apart, allowing the options in 'allowed'.
 * On a mistake sets ctx->error and returns NULL.  A file with errors ends the
 * program.  Acts on --dry-run, --wait and --timeout. */
struct command *command_parse(struct ctl_context *ctx, unsigned int allowed);

/* Returns what command_parse() made for 'ctx'. */
struct command *command_get(const struct ctl_context *ctx);

/* Frees all of them. */
void command_destroy_all(void);

/* True if 'word' names objects: a kind, kinds, KIND/NAME or "all". */
bool command_is_object_word(const char *word);

/* An object, or several, as named on the command line. */
struct object_ref {
    enum intent_kind kind;
    char *namespace;            /* NULL: not said. */
    char *name;                 /* NULL: all. */
};

struct object_refs {
    struct object_ref *items;
    size_t n;
};

/* Reads the words KIND[,KIND]... [NAME]..., KIND/NAME... of 'cmd', where NAME
 * may be NAMESPACE/NAME and KIND may be "all".  On a mistake sets ctx->error
 * and returns an empty list. */
struct object_refs command_refs(struct ctl_context *ctx,
                                const struct command *cmd);
void object_refs_destroy(struct object_refs *);

/* Adds one to 'refs'.  Copies the strings, which may be NULL. */
void object_refs_add(struct object_refs *refs, enum intent_kind,
                     const char *namespace, const char *name);

#endif /* utilities/ctl-command.h */
