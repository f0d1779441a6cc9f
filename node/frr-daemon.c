/* SPDX-License-Identifier: Apache-2.0 */

/* Keeps one of FRR's daemons configured.  See frr-daemon.h. */

#include <config.h>

#include "node/frr-daemon.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "node/frr-vty.h"
#include "node/frr-writer.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "plan/frr/frr-command.h"
#include "plan/frr/frr-diff.h"
#include "smap.h"
#include "svec.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(frr_daemon);
COVERAGE_DEFINE(frr_read);
COVERAGE_DEFINE(frr_write);
COVERAGE_DEFINE(frr_failed);

#define READ "show running-config"

/* How long (ms) until it is read again: if all is well, or a failure lasts;
 * just after a failure; if nothing of ours is wanted. */
#define INTERVAL_GOOD 5000
#define INTERVAL_BAD 1000
#define INTERVAL_IDLE 60000

/* After this long (ms) a daemon that does not answer is said not to. */
#define SILENT 10000

/* What was refused is tried again after this long (ms). */
#define RETRY_REFUSED 30000

/* So often it is written to in vain before that is a failure. */
#define MAX_WRITES 4

/* As long as the daemon answers at once, we stay to write more for this long
 * (ms) at most. */
#define MAX_LINGER 10

/* So much is logged of what the daemon says. */
#define MAX_TEXT 400

/* A rest of so many times as long as reading took, where that is long. */
#define REST_FACTOR 10

/* The longest rest (ms): what took a minute was stopped rather than busy. */
#define REST_MAX 30000

enum phase {
    PHASE_DOWN,                 /* No connection. */
    PHASE_ENABLE,               /* "enable" was sent. */
    PHASE_IDLE,
    PHASE_READ,                 /* READ was sent. */
    PHASE_WRITE,                /* A line of 'writer' was. */
    PHASE_ASKED,                /* frr_daemon_ask() was called. */
};

struct frr_daemon {
    char *name;
    struct frr_vty *vty;
    unsigned int connection;    /* As of 'phase'. */
    enum phase phase;
    unsigned int seqno;

    /* Wanted. */
    bool set;                   /* frr_daemon_set() was called. */
    bool changed;               /* 'wanted' was not compared yet. */
    char *wanted;

    /* Known. */
    char *running;              /* Or NULL. */
    bool stale;                 /* 'running' must be read before a write. */
    bool loaded;
    char *error;                /* "" if none. */
    struct smap conflicts;
    struct smap refused;        /* As of frr-writer.h; "" if nothing was said:
                                 * it just does not show. */
    long long int retry;        /* When to forget them. */
    long long int next;         /* When to read. */
    long long int started;      /* The phase, or the write. */

    /* Writing. */
    struct frr_writer *writer;  /* Or NULL. */
    unsigned int n_writes;      /* In a row. */
    char *sent;                 /* All lines of the last write, or NULL. */
};

struct frr_daemon *
frr_daemon_create(const char *namespace, const char *name)
{
    struct frr_daemon *d = xmalloc(sizeof *d);

    *d = (struct frr_daemon) {
        .name = xstrdup(name),
        .vty = frr_vty_create(namespace, name),
        .wanted = xstrdup(""),
        .error = xstrdup(""),
        .seqno = 1,
        .conflicts = SMAP_INITIALIZER(&d->conflicts),
        .refused = SMAP_INITIALIZER(&d->refused),
    };
    return d;
}

void
frr_daemon_destroy(struct frr_daemon *d)
{
    if (d) {
        frr_writer_destroy(d->writer);
        frr_vty_destroy(d->vty);
        smap_destroy(&d->conflicts);
        smap_destroy(&d->refused);
        free(d->name);
        free(d->wanted);
        free(d->running);
        free(d->error);
        free(d->sent);
        free(d);
    }
}

void
frr_daemon_set(struct frr_daemon *d, const char *wanted)
{
    if (!d->set || strcmp(wanted, d->wanted)) {
        free(d->wanted);
        d->wanted = xstrdup(wanted);
        d->set = d->changed = true;
        d->loaded = false;
        d->n_writes = 0;
        d->next = 0;
    }
}

/* Messages. */

static void
set_error(struct frr_daemon *d, const char *error)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);

    if (strcmp(d->error, error)) {
        if (*error) {
            COVERAGE_INC(frr_failed);
            VLOG_WARN_RL(&rl, "%s", error);
        } else {
            VLOG_INFO_RL(&rl, "%s is in sync again", d->name);
        }
        free(d->error);
        d->error = xstrdup(error);
    }
}

/* Notes that 'error', which is freed, keeps it from being as it should. */
static void
fail(struct frr_daemon *d, char *error)
{
    d->loaded = false;
    d->n_writes = 0;
    d->next = time_msec() + (*d->error ? INTERVAL_GOOD : INTERVAL_BAD);
    set_error(d, error);
    free(error);
}

static void
go(struct frr_daemon *d, enum phase phase, const char *command)
{
    d->phase = phase;
    frr_vty_send(d->vty, command);
}

/* Comparing. */

/* Removes those 'commands' that were refused. */
static void
drop_refused(const struct frr_daemon *d, struct frr_commands *commands)
{
    size_t n = 0;

    for (size_t i = 0; i < commands->n; i++) {
        struct frr_command *command = &commands->items[i];
        char *key = frr_command_key(command);

        if (smap_get(&d->refused, key)) {
            free(command->path);
            free(command->line);
        } else {
            commands->items[n++] = *command;
        }
        free(key);
    }
    commands->n = n;
}

/* The daemon took 'commands' without a complaint, but does not show them. */
static void
note_silent(struct frr_daemon *d, const struct frr_commands *commands,
            const char *lines)
{
    char *text = frr_tidy(lines);

    VLOG_WARN("%s accepted, but does not show: %.*s", d->name, MAX_TEXT, text);
    free(text);
    if (smap_is_empty(&d->refused)) {
        d->retry = LLONG_MAX;
    }
    for (size_t i = 0; i < commands->n; i++) {
        char *key = frr_command_key(&commands->items[i]);

        smap_replace(&d->refused, key, "");
        free(key);
    }
}

static void
settle(struct frr_daemon *d)
{
    long long int now = time_msec();
    long long int took = now - d->started;

    d->loaded = true;
    d->n_writes = 0;
    set_error(d, "");
    free(d->sent);
    d->sent = NULL;
    d->next = now + MAX(*d->wanted ? INTERVAL_GOOD : INTERVAL_IDLE,
                        MIN(REST_FACTOR * took, REST_MAX));
    if (!smap_is_empty(&d->refused)) {
        d->next = MIN(d->next, MAX(now, d->retry));
    }
}

/* Decides what to do, given what runs, or ran a while ago if not 'fresh'. */
static void
compare(struct frr_daemon *d, bool fresh)
{
    struct frr_commands commands = FRR_COMMANDS_INITIALIZER;
    struct ds lines = DS_EMPTY_INITIALIZER;

    d->changed = false;
    smap_clear(&d->conflicts);
    frr_diff(d->running, d->wanted, &commands, &d->conflicts);
    if (!commands.n || time_msec() >= d->retry) {
        smap_clear(&d->refused);
        d->retry = 0;
    }
    drop_refused(d, &commands);
    frr_commands_format(&commands, &lines);
    if (!fresh && frr_commands_claim(&commands)) {
        d->next = 0;
        d->stale = true;        /* See who has made what meanwhile. */
    } else if (!commands.n) {
        settle(d);
    } else if (d->sent && !strcmp(d->sent, ds_cstr(&lines))) {
        note_silent(d, &commands, ds_cstr(&lines));
        settle(d);
    } else if (d->n_writes >= MAX_WRITES) {
        fail(d, xasprintf("%s does not keep the configuration that it gets",
                          d->name));
    } else {
        COVERAGE_INC(frr_write);
        free(d->sent);
        d->sent = ds_steal_cstr(&lines);
        d->n_writes++;
        d->writer = frr_writer_create(d->name, &commands, &d->refused);
        d->started = time_msec();
        d->stale = true;
        d->seqno++;
        go(d, PHASE_WRITE, frr_writer_next(d->writer));
    }
    frr_commands_destroy(&commands);
    ds_destroy(&lines);
}

/* Running. */

static void
handle_read(struct frr_daemon *d, const char *reply, int status)
{
    d->phase = PHASE_IDLE;
    if (status || !strstr(reply, "frr version")) {
        char *said = frr_tidy(reply);

        fail(d, xasprintf("%s does not show its configuration: %s", d->name,
                          said));
        free(said);
        return;
    }
    free(d->running);
    d->running = xstrdup(reply);
    d->stale = false;
    compare(d, true);
}

/* A line was written. */
static void
handle_write(struct frr_daemon *d, const char *reply, int status)
{
    frr_writer_reply(d->writer, reply, status);

    const char *line = frr_writer_next(d->writer);
    if (line) {
        go(d, PHASE_WRITE, line);
        return;
    }

    char *error = frr_writer_finish(d->writer, time_msec() - d->started);
    if (!smap_is_empty(&d->refused)) {
        d->retry = time_msec() + RETRY_REFUSED;
    }
    d->writer = NULL;
    d->phase = PHASE_IDLE;
    d->next = 0;                /* See what came of it. */
    if (error) {
        free(d->sent);
        d->sent = NULL;
        fail(d, error);
    }
}

static void
handle_reply(struct frr_daemon *d, const char *reply, int status)
{
    switch (d->phase) {
    case PHASE_ENABLE:
        d->phase = PHASE_IDLE;
        d->next = 0;
        break;

    case PHASE_READ:
        handle_read(d, reply, status);
        break;

    case PHASE_WRITE:
        handle_write(d, reply, status);
        break;

    case PHASE_DOWN:
    case PHASE_IDLE:
    case PHASE_ASKED:
        OVS_NOT_REACHED();
    }
}

/* Notes that there is no connection any more, or another one. */
static void
reset(struct frr_daemon *d, unsigned int connection)
{
    frr_writer_destroy(d->writer);
    d->writer = NULL;
    free(d->running);
    d->running = NULL;
    free(d->sent);
    d->sent = NULL;
    smap_clear(&d->refused);
    smap_clear(&d->conflicts);
    d->loaded = false;
    d->n_writes = 0;
    d->seqno++;
    d->connection = connection;
    d->phase = PHASE_DOWN;
    if (connection) {
        go(d, PHASE_ENABLE, "enable");
    }
}

/* Says what there is to say of a daemon that is not there, or silent. */
static bool
check_presence(struct frr_daemon *d)
{
    int error = frr_vty_get_errno(d->vty);
    bool was_loaded = d->loaded;
    char *text = NULL;

    if (frr_daemon_is_silent(d)) {
        text = xasprintf("%s does not answer", d->name);
        d->loaded = false;
        d->changed = true;      /* Compare when it does. */
    } else if (d->phase == PHASE_DOWN && d->set && !*d->wanted
               && frr_daemon_is_gone(d)) {
        /* A host needs no daemon that has nothing to do. */
        text = xstrdup("");
        d->loaded = true;
    } else if (d->phase == PHASE_DOWN && d->set && frr_daemon_is_gone(d)) {
        text = xasprintf("%s does not run", d->name);
    } else if (d->phase == PHASE_DOWN && d->set && error) {
        text = xasprintf("%s: %s", d->name, ovs_strerror(error));
    }

    bool news = d->loaded != was_loaded || (text && strcmp(text, d->error));
    if (text) {
        set_error(d, text);
        free(text);
    }
    return news;
}

/* Begins what is due, if nothing is under way. */
static bool
begin(struct frr_daemon *d)
{
    if (d->phase != PHASE_IDLE || !d->set) {
        return false;
    } else if (d->changed && d->running && !d->stale) {
        d->started = time_msec();
        compare(d, false);      /* Saves time; it is read again afterwards. */
        return true;
    } else if (time_msec() >= d->next) {
        COVERAGE_INC(frr_read);
        d->started = time_msec();
        go(d, PHASE_READ, READ);
    }
    return false;
}

bool
frr_daemon_run(struct frr_daemon *d)
{
    long long int until = time_msec() + MAX_LINGER;
    bool news = false;

    for (;;) {
        unsigned int connection;
        char *reply;
        int status;

        frr_vty_run(d->vty, *d->wanted);
        connection = frr_vty_connection(d->vty);
        if (connection != d->connection) {
            reset(d, connection);
            news = true;
        }
        if (d->phase == PHASE_ASKED || d->phase == PHASE_DOWN) {
            break;
        }
        if (d->phase == PHASE_WRITE && time_msec() < until) {
            frr_vty_linger(d->vty);
        }
        reply = (d->phase != PHASE_IDLE ? frr_vty_receive(d->vty, &status)
                 : NULL);
        if (reply) {
            handle_reply(d, reply, status);
            free(reply);
            news = true;
        } else if (!begin(d)) {
            break;
        }
    }
    return check_presence(d) || news;
}

void
frr_daemon_wait(const struct frr_daemon *d)
{
    frr_vty_wait(d->vty);
    if (d->phase == PHASE_IDLE && d->set) {
        poll_timer_wait_until(d->changed && d->running ? 0 : d->next);
    } else if (d->phase != PHASE_DOWN && !frr_daemon_is_silent(d)) {
        poll_timer_wait_until(time_msec() + SILENT
                              - frr_vty_silence(d->vty) + 1);
    }
}

/* Answers. */

bool
frr_daemon_is_loaded(const struct frr_daemon *d)
{
    return d->loaded && !d->changed;
}

bool
frr_daemon_is_gone(const struct frr_daemon *d)
{
    return frr_vty_is_gone(d->vty);
}

bool
frr_daemon_is_silent(const struct frr_daemon *d)
{
    return frr_vty_silence(d->vty) >= SILENT;
}

unsigned int
frr_daemon_get_seqno(const struct frr_daemon *d)
{
    return d->seqno;
}

const char *
frr_daemon_get_error(const struct frr_daemon *d)
{
    return d->error;
}

bool
frr_daemon_has_refused(const struct frr_daemon *d)
{
    return !smap_is_empty(&d->refused);
}

const char *
frr_daemon_get_refusal(const struct frr_daemon *d, const struct svec *paths)
{
    for (size_t i = 0; i < paths->n; i++) {
        const char *said = smap_get(&d->refused, paths->names[i]);

        if (said && *said) {
            return said;
        }
    }
    return NULL;
}

const struct smap *
frr_daemon_get_conflicts(const struct frr_daemon *d)
{
    return &d->conflicts;
}

bool
frr_daemon_is_free(const struct frr_daemon *d)
{
    return d->phase == PHASE_IDLE && d->running && !d->stale && !d->changed;
}

void
frr_daemon_ask(struct frr_daemon *d, const char *command)
{
    ovs_assert(d->phase == PHASE_IDLE);
    go(d, PHASE_ASKED, command);
}

bool
frr_daemon_is_asked(const struct frr_daemon *d)
{
    return d->phase == PHASE_ASKED;
}

char *
frr_daemon_answer(struct frr_daemon *d, int *status)
{
    char *reply = (d->phase == PHASE_ASKED
                   ? frr_vty_receive(d->vty, status) : NULL);

    if (reply) {
        d->phase = PHASE_IDLE;
    }
    return reply;
}

void
frr_daemon_format(const struct frr_daemon *d, struct ds *s)
{
    const struct smap_node *node;

    ds_put_format(s, "%s: %s\n", d->name,
                  !d->set ? "not known yet" : d->loaded ? "loaded"
                  : "not loaded");
    if (*d->error) {
        ds_put_format(s, "error: %s\n", d->error);
    }
    SMAP_FOR_EACH (node, &d->refused) {
        if (*node->value) {
            ds_put_format(s, "refused: %s\n", node->value);
        }
    }
    SMAP_FOR_EACH (node, &d->conflicts) {
        ds_put_format(s, "conflict: %s\n", node->value);
    }
}
