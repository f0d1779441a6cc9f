/* SPDX-License-Identifier: Apache-2.0 */

/* A program that runs beside the daemon.  See child.h. */

#include <config.h>

#include "node/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "process.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

extern char **environ;

/* A program that has closed its output ends soon; this often (ms) is looked
 * whether it has. */
#define REAP_INTERVAL 5

/* What we read. */
enum { OUT, ERR, N_FDS };

struct child {
    pid_t pid;                  /* 0 once it has been waited for. */
    int fds[N_FDS];             /* Our ends, -1 once closed. */
    struct ds output, errors;
    long long int deadline;
    bool timed_out;
    char *failure;
};

static void
close_fd(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

/* Makes pipes: ours in 'c', the program's in 'theirs'.  Returns 0 or an
 * errno. */
static int
open_pipes(struct child *c, int theirs[N_FDS])
{
    for (int i = 0; i < N_FDS; i++) {
        int ends[2];

        if (pipe2(ends, O_CLOEXEC)) {
            return errno;
        }
        theirs[i] = ends[1];
        c->fds[i] = ends[0];
        set_nonblocking(c->fds[i]);
    }
    return 0;
}

/* Makes '*fd' a file without a name that contains 'text'.  Unlike a pipe it
 * can be opened and read again, each time from its beginning, which vtysh does
 * for each of FRR's daemons.  Returns 0 or an errno. */
static int
open_input(const char *text, int *fd)
{
    size_t len = strlen(text);
    size_t written;
    int error;

    *fd = memfd_create("input", MFD_CLOEXEC);
    if (*fd < 0) {
        return errno;
    }
    error = write_fully(*fd, text, len, &written);
    return error ? error : lseek(*fd, 0, SEEK_SET) < 0 ? errno : 0;
}

/* Returns 0 or an errno. */
static int
spawn(struct child *c, char *const argv[], int input, const int theirs[N_FDS])
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t defaults;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, theirs[OUT], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, theirs[ERR], STDERR_FILENO);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);

    int error = posix_spawnp(&c->pid, argv[0], &actions, &attr, argv, environ);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

struct child *
child_start(char *const argv[], const char *input, int timeout, char **error)
{
    struct child *c = xmalloc(sizeof *c);
    int theirs[N_FDS] = { -1, -1 };
    int input_fd = -1;

    *c = (struct child) {
        .fds = { -1, -1 },
        .output = DS_EMPTY_INITIALIZER,
        .errors = DS_EMPTY_INITIALIZER,
        .deadline = time_msec() + timeout,
    };

    int retval = open_input(input, &input_fd);
    retval = retval ? retval : open_pipes(c, theirs);
    retval = retval ? retval : spawn(c, argv, input_fd, theirs);
    close_fd(&input_fd);
    for (int i = 0; i < N_FDS; i++) {
        close_fd(&theirs[i]);
    }
    if (retval) {
        *error = xasprintf("%s: %s", argv[0], ovs_strerror(retval));
        c->pid = 0;
        child_destroy(c);
        return NULL;
    }
    *error = NULL;
    return c;
}

void
child_destroy(struct child *c)
{
    if (c) {
        if (c->pid) {
            kill(c->pid, SIGKILL);
            while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR) {
                continue;
            }
        }
        for (int i = 0; i < N_FDS; i++) {
            close_fd(&c->fds[i]);
        }
        ds_destroy(&c->output);
        ds_destroy(&c->errors);
        free(c->failure);
        free(c);
    }
}

/* Reads what there is to read. */
static void
drain(int *fd, struct ds *s)
{
    char buf[4096];

    while (*fd >= 0) {
        ssize_t n = read(*fd, buf, sizeof buf);

        if (n > 0) {
            ds_put_buffer(s, buf, n);
        } else if (n < 0 && errno == EAGAIN) {
            return;
        } else if (!n || errno != EINTR) {
            close_fd(fd);
        }
    }
}

static void
reap(struct child *c)
{
    int status;

    if (waitpid(c->pid, &status, WNOHANG) == c->pid) {
        c->pid = 0;
        if (c->timed_out) {
            c->failure = xstrdup("it did not end in time");
        } else if (!WIFEXITED(status) || WEXITSTATUS(status)) {
            c->failure = process_status_msg(status);
        }
    }
}

bool
child_run(struct child *c)
{
    if (!c->pid) {
        return true;
    }
    if (time_msec() >= c->deadline && !c->timed_out) {
        c->timed_out = true;
        kill(c->pid, SIGKILL);
    }
    drain(&c->fds[OUT], &c->output);
    drain(&c->fds[ERR], &c->errors);
    if (c->timed_out || (c->fds[OUT] < 0 && c->fds[ERR] < 0)) {
        reap(c);
    }
    return !c->pid;
}

void
child_wait(const struct child *c)
{
    if (!c->pid) {
        poll_immediate_wake();
        return;
    }
    for (int i = OUT; i <= ERR; i++) {
        if (c->fds[i] >= 0) {
            poll_fd_wait(c->fds[i], POLLIN);
        }
    }
    if (c->timed_out || (c->fds[OUT] < 0 && c->fds[ERR] < 0)) {
        poll_timer_wait(REAP_INTERVAL);
    }
    poll_timer_wait_until(c->timed_out ? LLONG_MAX : c->deadline);
}

const char *
child_get_failure(const struct child *c)
{
    return c->failure;
}

const char *
child_get_output(const struct child *c)
{
    return ds_cstr_ro(&c->output);
}

const char *
child_get_errors(const struct child *c)
{
    return ds_cstr_ro(&c->errors);
}
