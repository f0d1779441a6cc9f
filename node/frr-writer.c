/* SPDX-License-Identifier: Apache-2.0 */

/* Tells one of FRR's daemons what to change.  See frr-writer.h. */

#include <config.h>

#include "node/frr-writer.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "plan/frr/frr-command.h"
#include "plan/rows/row.h"
#include "smap.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(frr_writer);

/* So much is logged, and kept, of what the daemon says. */
#define MAX_TEXT 400

/* What was sent last. */
enum step {
    STEP_BEGIN,                 /* Nothing. */
    STEP_CONFIGURE,             /* "configure". */
    STEP_WAY,                   /* What leads to a block. */
    STEP_COMMAND,               /* A command's line. */
    STEP_RESET,                 /* "end", after a refusal. */
    STEP_END,                   /* "end", after all commands. */
    STEP_DONE,
};

struct frr_writer {
    char *name;                 /* Of the daemon. */
    struct frr_commands commands;
    struct smap *refused;       /* Borrowed. */
    size_t n_refused;
    char *error;                /* Why nothing can be done, or NULL. */

    enum step step;
    bool lost;                  /* Not known where we are. */
    size_t pos;                 /* In 'commands'. */
    char *where;                /* The block where we are. */
    char *line;                 /* Sent last. */
};

struct frr_writer *
frr_writer_create(const char *name, struct frr_commands *commands,
                  struct smap *refused)
{
    struct frr_writer *w = xmalloc(sizeof *w);

    *w = (struct frr_writer) {
        .name = xstrdup(name),
        .commands = *commands,
        .refused = refused,
        .where = xstrdup(""),
    };
    *commands = (struct frr_commands) FRR_COMMANDS_INITIALIZER;
    return w;
}

void
frr_writer_destroy(struct frr_writer *w)
{
    if (w) {
        frr_commands_destroy(&w->commands);
        free(w->name);
        free(w->error);
        free(w->where);
        free(w->line);
        free(w);
    }
}

/* Messages. */

char *
frr_tidy(const char *text)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    char *copy = xstrdup(text);
    char *save = NULL;

    for (char *line = strtok_r(copy, "\r\n", &save);
         line && s.length < MAX_TEXT; line = strtok_r(NULL, "\r\n", &save)) {
        char *password = strstr(line, " password ");

        line += strspn(line, " %");
        if (!*line) {
            continue;
        }
        ds_put_cstr(&s, s.length ? "; " : "");
        if (password) {
            ds_put_format(&s, "%.*s password " PLAN_HIDDEN,
                          (int) (password - line), line);
        } else {
            ds_put_format(&s, "%.*s", MAX_TEXT, line);
        }
    }
    free(copy);
    return ds_steal_cstr(&s);
}

/* Writing. */

/* Notes that the daemon refused the line that was sent last: the current
 * command, or, if 'all', what leads to it or to others.  Then all that is
 * there is refused. */
static void
refuse(struct frr_writer *w, bool all, const char *reply)
{
    static struct vlog_rate_limit rl = VLOG_RATE_LIMIT_INIT(5, 20);
    char *what = frr_tidy(w->line);
    char *said = frr_tidy(reply);
    char *text = xasprintf("%s refused \"%s\"%s%s", w->name, what,
                           *said ? ": " : "", said);
    char *block = (all ? frr_command_moved(xstrdup(w->where), w->line)
                   : NULL);
    size_t len = block ? strlen(block) : 0;

    VLOG_WARN_RL(&rl, "%s", text);
    do {
        char *key = frr_command_key(&w->commands.items[w->pos]);

        smap_replace(w->refused, key, text);
        free(key);
        w->n_refused++;
        w->pos++;
    } while (block && w->pos < w->commands.n
             && !strncmp(w->commands.items[w->pos].path, block, len)
             && w->commands.items[w->pos].path[len] == '\n');
    free(block);
    free(text);
    free(said);
    free(what);
}

/* Returns the line after those that were sent, and sets '*step'.  The caller
 * frees it. */
static char *
choose_line(const struct frr_writer *w, enum step *step)
{
    if (w->step == STEP_BEGIN || w->step == STEP_RESET) {
        *step = STEP_CONFIGURE;
        return xstrdup("configure");
    } else if (w->lost) {
        *step = STEP_RESET;
        return xstrdup("end");
    } else if (w->pos >= w->commands.n) {
        *step = STEP_END;
        return xstrdup("end");
    }

    const struct frr_command *command = &w->commands.items[w->pos];
    char *way = frr_command_way(w->where, command);
    *step = way ? STEP_WAY : STEP_COMMAND;
    return way ? way : xstrdup(command->line);
}

const char *
frr_writer_next(struct frr_writer *w)
{
    char *line = NULL;

    if (w->step == STEP_END || w->error) {
        w->step = STEP_DONE;
    } else if (w->step != STEP_DONE) {
        line = choose_line(w, &w->step);
    }
    free(w->line);
    w->line = line;
    return line;
}

void
frr_writer_reply(struct frr_writer *w, const char *reply, int status)
{
    const struct frr_command *command = (w->pos < w->commands.n
                                         ? &w->commands.items[w->pos] : NULL);
    bool refused = status || reply[strspn(reply, " \r\n")] == '%';

    switch (w->step) {
    case STEP_CONFIGURE:
        if (refused) {
            char *said = frr_tidy(reply);

            w->error = xasprintf("%s cannot be configured now: %s", w->name,
                                 said);
            free(said);
        }
        break;

    case STEP_WAY:
        w->lost = refused;
        if (refused && strcmp(w->line, "exit")) {
            refuse(w, true, reply);
        } else if (!refused) {
            w->where = frr_command_moved(w->where, w->line);
        }
        break;

    case STEP_COMMAND:
        w->lost = refused && command->opens;
        if (refused) {
            refuse(w, command->opens, reply);
        } else {
            if (command->opens) {
                w->where = frr_command_moved(w->where, w->line);
            }
            w->pos++;
        }
        break;

    case STEP_RESET:
        w->lost = false;
        w->where[0] = '\0';
        break;

    case STEP_BEGIN:
    case STEP_END:
    case STEP_DONE:
        break;
    }
}

char *
frr_writer_finish(struct frr_writer *w, long long int ms)
{
    char *error = w->error;

    w->error = NULL;
    if (!error) {
        VLOG_INFO("configured %s with %"PRIuSIZE" lines in %lld ms%s",
                  w->name, w->commands.n, ms,
                  w->n_refused ? ", some of which it rejected" : "");
    }
    frr_writer_destroy(w);
    return error;
}
