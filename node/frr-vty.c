/* SPDX-License-Identifier: Apache-2.0 */

/* A connection to one of FRR's daemons.  See frr-vty.h. */

#include <config.h>

#include "node/frr-vty.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/poll-loop.h"
#include "openvswitch/vlog.h"
#include "socket-util.h"
#include "timeval.h"
#include "util.h"

VLOG_DEFINE_THIS_MODULE(frr_vty);

/* Where FRR's sockets are, unless the environment says where. */
#define RUN_DIR "/run/frr"

/* So often (ms) it is tried to connect, if the daemon is needed, or not. */
#define RETRY 300
#define RETRY_IDLE 5000

/* A daemon that was silent for this long (ms) gets a new connection: perhaps
 * we did not understand each other. */
#define GIVE_UP 120000

/* No reply is longer than that, in bytes. */
#define MAX_REPLY (64 * 1024 * 1024)

/* See frr_vty_linger(), ms. */
#define LINGER 2

/* What ends a reply: zero bytes, and the status. */
#define END_LEN 4

struct frr_vty {
    char *name;                 /* Of the daemon. */
    char *path;                 /* Of the socket. */
    int fd;                     /* -1 if none. */
    unsigned int connection;    /* Number of the last one. */
    int error;                  /* Why there is none, a positive errno. */
    bool needed;
    long long int tried;        /* When it was tried to connect. */

    bool slow;                  /* The last command had to be waited for. */
    bool busy;                  /* A command has no reply yet. */
    long long int since;        /* When it was sent. */
    char *command;              /* What is to be sent, ... */
    size_t sent, to_send;       /* ...how much of it was, of how much. */
    struct ds reply;
};

struct frr_vty *
frr_vty_create(const char *namespace, const char *name)
{
    const char *dir = getenv("OVN_EGRESS_FRR_RUNDIR");
    struct frr_vty *vty = xmalloc(sizeof *vty);

    *vty = (struct frr_vty) {
        .name = xstrdup(name),
        .path = xasprintf("%s%s%s/%s.vty", dir && *dir ? dir : RUN_DIR,
                          namespace ? "/" : "", namespace ? namespace : "",
                          name),
        .fd = -1,
        .tried = LLONG_MIN / 2,
        .reply = DS_EMPTY_INITIALIZER,
    };
    return vty;
}

/* Notes that there is no connection, because of 'error'. */
static void
disconnect(struct frr_vty *vty, int error)
{
    if (vty->fd >= 0) {
        VLOG_INFO("%s: connection closed: %s", vty->name,
                  error == EOF ? "end of file" : ovs_strerror(error));
        close(vty->fd);
        vty->fd = -1;
        vty->error = 0;
        vty->tried = LLONG_MIN / 2;
    } else {
        vty->error = error;
        vty->tried = time_msec();
    }
    vty->busy = false;
    free(vty->command);
    vty->command = NULL;
    ds_clear(&vty->reply);
}

void
frr_vty_destroy(struct frr_vty *vty)
{
    if (vty) {
        if (vty->fd >= 0) {
            close(vty->fd);
        }
        free(vty->command);
        ds_destroy(&vty->reply);
        free(vty->name);
        free(vty->path);
        free(vty);
    }
}

static void
try_connect(struct frr_vty *vty)
{
    struct sockaddr_un sun = { .sun_family = AF_UNIX };
    int fd, error;

    if (strlen(vty->path) >= sizeof sun.sun_path) {
        disconnect(vty, ENAMETOOLONG);
        return;
    }
    strcpy(sun.sun_path, vty->path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        disconnect(vty, errno);
        return;
    }
    /* At once, or (EAGAIN) not at all: too many wait for the daemon. */
    error = (connect(fd, (struct sockaddr *) &sun, sizeof sun) ? errno : 0);
    if (error) {
        close(fd);
        disconnect(vty, error);
        return;
    }
    vty->fd = fd;
    vty->error = 0;
    vty->connection++;
}

static void
send_command(struct frr_vty *vty)
{
    while (vty->command) {
        ssize_t n = send(vty->fd, vty->command + vty->sent,
                         vty->to_send - vty->sent, MSG_NOSIGNAL);

        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                disconnect(vty, errno);
            }
            return;
        }
        vty->sent += n;
        if (vty->sent == vty->to_send) {
            free(vty->command);
            vty->command = NULL;
        }
    }
}

static bool
is_complete(const struct frr_vty *vty)
{
    const char *end = (vty->reply.length >= END_LEN
                       ? memchr(vty->reply.string, '\0', vty->reply.length)
                       : NULL);

    return (end && vty->reply.length
            >= (size_t) (end - vty->reply.string) + END_LEN);
}

static void
receive_reply(struct frr_vty *vty)
{
    char buf[16384];

    while (vty->fd >= 0 && !(vty->busy && is_complete(vty))) {
        ssize_t n = recv(vty->fd, buf, sizeof buf, 0);

        if (n < 0) {
            if (errno != EAGAIN && errno != EINTR) {
                disconnect(vty, errno);
            }
            return;
        } else if (!n) {
            disconnect(vty, EOF);
        } else if (!vty->busy || vty->reply.length + n > MAX_REPLY) {
            disconnect(vty, EPROTO);
        } else {
            ds_put_buffer(&vty->reply, buf, n);
        }
    }
}

/* Returns when to connect. */
static long long int
next_try(const struct frr_vty *vty)
{
    return vty->tried + (vty->needed ? RETRY : RETRY_IDLE);
}

void
frr_vty_run(struct frr_vty *vty, bool needed)
{
    vty->needed = needed;
    if (vty->fd < 0 && time_msec() >= next_try(vty)) {
        try_connect(vty);
    }
    if (vty->fd >= 0) {
        send_command(vty);
    }
    receive_reply(vty);
    if (vty->fd >= 0 && frr_vty_silence(vty) > GIVE_UP) {
        disconnect(vty, ETIMEDOUT);
    }
}

void
frr_vty_wait(const struct frr_vty *vty)
{
    if (vty->fd < 0) {
        poll_timer_wait_until(next_try(vty));
    } else if (vty->busy && is_complete(vty)) {
        poll_immediate_wake();
    } else {
        poll_fd_wait(vty->fd, POLLIN | (vty->command ? POLLOUT : 0));
        if (vty->busy) {
            poll_timer_wait_until(vty->since + GIVE_UP + 1);
        }
    }
}

unsigned int
frr_vty_connection(const struct frr_vty *vty)
{
    return vty->fd >= 0 ? vty->connection : 0;
}

int
frr_vty_get_errno(const struct frr_vty *vty)
{
    return vty->error;
}

bool
frr_vty_is_gone(const struct frr_vty *vty)
{
    return (vty->fd < 0
            && (vty->error == ENOENT || vty->error == ECONNREFUSED));
}

void
frr_vty_send(struct frr_vty *vty, const char *command)
{
    ovs_assert(vty->fd >= 0 && !vty->busy);
    vty->command = xstrdup(command);
    vty->to_send = strlen(command) + 1;
    vty->sent = 0;
    vty->busy = true;
    vty->since = time_msec();
    send_command(vty);
}

char *
frr_vty_receive(struct frr_vty *vty, int *status)
{
    if (!vty->busy || !is_complete(vty)) {
        return NULL;
    }

    char *text = xstrdup(vty->reply.string);
    vty->slow = time_msec() - vty->since > LINGER;
    *status = (unsigned char) vty->reply.string[strlen(text) + END_LEN - 1];
    vty->busy = false;
    ds_clear(&vty->reply);
    return text;
}

void
frr_vty_linger(struct frr_vty *vty)
{
    struct pollfd pfd = { .fd = vty->fd, .events = POLLIN };

    if (vty->fd >= 0 && vty->busy && !vty->command && !vty->slow
        && !is_complete(vty)) {
        vty->slow = poll(&pfd, 1, LINGER) <= 0;
        receive_reply(vty);
    }
}

long long int
frr_vty_silence(const struct frr_vty *vty)
{
    return vty->busy ? MAX(1, time_msec() - vty->since) : 0;
}
