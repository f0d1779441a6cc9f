/* SPDX-License-Identifier: Apache-2.0 */

/* The reconciler against a real kernel, in network namespaces, without a
 * daemon: random work, sudden death, and netlink that fails.  As root, on a
 * kernel with VRF, from tests/system-node.at:
 *
 *   ovn-egress-test node-random SEED N     N random changes of work, now and
 *                                          then compared with a new host that
 *                                          is given the last one only
 *   ovn-egress-test node-kill SEED N       the same, where each reconciler but
 *                                          the last is killed at a random moment
 *   ovn-egress-test node-faults            reading or writing fails
 *
 * Every host begins with the same links and objects of others, so that losing
 * one of those is a difference. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/reconcile.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/vlog.h"
#include "plan/host.h"
#include "random.h"
#include "tests/egress-test.h"
#include "tests/node-world.h"
#include "util.h"

/* Compare with a new host after so many changes. */
#define COMPARE_EVERY 50

/* Start again, which must change nothing, after so many. */
#define RESTART_EVERY 5

/* Faults.  This program's own recvmsg() and sendmsg() stand before those of
 * the C library. */

enum fault {
    NO_FAULT,
    RECEIVE_ENOBUFS,            /* An answer was lost. */
    DUMP_INTERRUPTED,           /* As the kernel marks it. */
    DUMP_FAILS,                 /* It ends with an error. */
    REQUEST_REFUSED,            /* The kernel refuses a change, but not an
                                 * address, which could not be put back. */
};

static enum fault fault;
static int fault_after;         /* So many messages later, or now and from now
                                 * on if not positive. */
static bool fault_stays;

static bool
fault_is_due(enum fault f)
{
    if (fault != f || --fault_after > 0) {
        return false;
    }
    if (!fault_stays) {
        fault = NO_FAULT;
    }
    return true;
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
    ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
    struct nlmsghdr *nlh = msg->msg_iov[0].iov_base;

    if (n < (ssize_t) sizeof *nlh || fault == NO_FAULT) {
        return n;
    }
    if (fault_is_due(RECEIVE_ENOBUFS)) {
        errno = ENOBUFS;
        return -1;
    }
    if (nlh->nlmsg_flags & NLM_F_MULTI && fault_is_due(DUMP_INTERRUPTED)) {
        nlh->nlmsg_flags |= NLM_F_DUMP_INTR;
    }
    if (nlh->nlmsg_flags & NLM_F_MULTI && fault_is_due(DUMP_FAILS)) {
        nlh->nlmsg_type = NLMSG_ERROR;
        memset(nlh + 1, 0, sizeof(struct nlmsgerr));
        ((struct nlmsgerr *) (nlh + 1))->error = -EIO;
    }
    return n;
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
    for (size_t i = 0; i < msg->msg_iovlen; i++) {
        struct nlmsghdr *nlh = msg->msg_iov[i].iov_base;

        if (msg->msg_iov[i].iov_len >= sizeof *nlh
            && nlh->nlmsg_flags & NLM_F_ACK
            && nlh->nlmsg_type < RTM_MAX && nlh->nlmsg_type != RTM_NEWADDR
            && fault_is_due(REQUEST_REFUSED)) {
            nlh->nlmsg_type = RTM_MAX + 100;
        }
    }
    return syscall(SYS_sendmsg, fd, msg, flags);
}

/* Hosts. */

/* The links of a host, and what belongs to others. */
static const char host_script[] =
    "set -e\n"
    "sysctl -q -w net.ipv6.conf.all.forwarding=1\n"
    "ip -batch - <<'EOF'\n"
    "link set lo up\n"
    "link add d0 type dummy\nlink set d0 up\n"
    "link add d1 type dummy\nlink set d1 up\n"
    "link add d2 type dummy\nlink set d2 up\n"
    "link add d3 type dummy\nlink set d3 up\n"
    "link add d5 type dummy\nlink set d5 up\n"
    "addr add 192.0.10.77/24 dev d0\n"
    "addr add 2001:db8:0::77/64 dev d0 nodad\n"
    "addr add 2001:db8:1::77/64 dev d1 nodad valid_lft 9000 preferred_lft 900\n"
    "addr add 198.51.100.77/24 dev d5\n"
    "addr add 2001:db8:55::77/64 dev d5 nodad\n"
    "rule add priority 5000 from 10.132.0.200 table 55\n"
    "rule add priority 5000 fwmark 0x77 table 55\n"
    "rule add priority 998 iif d0 table 55\n"
    "route add 10.99.0.0/16 via 198.51.100.9 dev d5\n"
    "route add 10.0.0.0/16 via 198.51.100.9 dev d5 table 2 metric 99\n"
    "EOF\n"
    "ip -6 -batch - <<'EOF'\n"
    "rule add priority 5000 from fd01::200 table 55\n"
    "route add 2001:db8:99::/48 via 2001:db8:55::9 dev d5 table 2\n"
    "EOF\n"
    "nft add table inet foreign\n";

/* Shows a host so that equal hosts look equal: without what depends on chance
 * or on the order of events. */
static const char show_script[] =
    "{ ip -4 rule; ip -6 rule; } | grep -v l3mdev-table | sort\n"
    "ip -o addr | sed 's/^[0-9]*: //; s/ secondary//; s/\\\\.*//; "
    "/fe80::/d; s/ *$//' | tr -s ' ' | sort\n"
    "ip -o -d link | sed 's/^[0-9]*: //; s/ link.ether.*ff:ff//; "
    "s/ qdisc.*mode/ /; s/mtu [0-9]*//' | grep -o '^[a-z0-9]*:\\|"
    "master [a-z]*\\|vrf table [0-9]*\\|alias .*\\|[<,]UP[,>]' | sort | uniq -c\n"
    "for f in 4 6; do ip -$f route show table all"
    " | grep -v 'fe80\\|ff00\\|^local\\|^broadcast\\|^anycast\\|^multicast' "
    " | sed 's/ src [^ ]*//; s/ expires [^ ]*//; s/ *$//' | sort; done\n"
    "nft list ruleset | tr -d '\\t' | tr -s ' ,' '\\n\\n' | sort | uniq -c\n";

static int
new_host(void)
{
    if (unshare(CLONE_NEWNET) || system(host_script)) {
        ovs_fatal(errno, "cannot make a host");
    }
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void
enter_host(int fd)
{
    if (setns(fd, CLONE_NEWNET)) {
        ovs_fatal(errno, "setns");
    }
}

/* Returns what show_script prints here. */
static char *
show_host(void)
{
    struct ds s = DS_EMPTY_INITIALIZER;
    FILE *file = popen(show_script, "r");
    struct ds line = DS_EMPTY_INITIALIZER;

    while (!ds_get_line(&line, file)) {
        ds_put_format(&s, "%s\n", ds_cstr(&line));
    }
    pclose(file);
    ds_destroy(&line);
    return ds_steal_cstr(&s);
}

/* What came of a reconciler's life. */
struct life {
    bool matches;
    unsigned int n_changes;
    unsigned int n_errors;
};

/* Reconciles here, once, in a process of its own: what it is killed with is
 * lost, and its sockets are of this host.  Kills it after 'max_usec' at the
 * latest, if that is not negative.  Returns false if it was killed. */
static bool
live_and_die(struct node_world *w, int max_usec, struct life *life)
{
    int fds[2];

    if (pipe(fds)) {
        ovs_fatal(errno, "pipe");
    }
    fflush(stdout);

    pid_t pid = fork();
    if (!pid) {
        char *error = reconcile_init();
        if (error) {
            ovs_fatal(0, "%s", error);
        }

        struct reconcile_result *result = reconcile_run(
            &w->in, HOST_DEFAULT_PROTOCOL);
        struct life answer = {
            .matches = result->matches,
            .n_changes = result->n_changes,
            .n_errors = smap_count(&result->errors),
        };
        if (!result->matches && fault == NO_FAULT) {
            struct smap_node *node;

            SMAP_FOR_EACH (node, &result->errors) {
                printf("%s: %s\n", node->key, node->value);
            }
            fflush(stdout);
        }
        reconcile_result_destroy(result);
        reconcile_destroy();
        ignore(write(fds[1], &answer, sizeof answer));
        _exit(0);
    }
    if (max_usec >= 0) {
        usleep(max_usec);
        kill(pid, SIGKILL);
    }

    int status;
    waitpid(pid, &status, 0);
    close(fds[1]);
    bool ok = read(fds[0], life, sizeof *life) == sizeof *life;
    close(fds[0]);
    if (!ok && max_usec < 0) {
        ovs_fatal(0, "the reconciler died: status %d", status);
    }
    return ok;
}

static struct life
live_once(struct node_world *w)
{
    struct life life;

    live_and_die(w, -1, &life);
    return life;
}

/* Lives, and ends the program unless the kernel matches after that. */
static void
live_well(struct node_world *w, const char *when)
{
    if (!live_once(w).matches) {
        ovs_fatal(0, "%s: the kernel is not as wanted", when);
    }
}

static void
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    fputs(text, file);
    fclose(file);
}

/* Compares this host with a new one that is given just 'w'. */
static void
compare_with_new_host(struct node_world *w, int host, int i)
{
    char *here = show_host();
    int other = new_host();

    live_well(w, "a new host");
    char *there = show_host();
    if (strcmp(here, there)) {
        write_file("here", here);
        write_file("new", there);
        if (system("diff -u here new") < 0) {
            ovs_fatal(errno, "diff");
        }
        ovs_fatal(0, "after %d changes: not like a new host", i);
    }
    enter_host(host);
    close(other);
    free(here);
    free(there);
}

static void
node_random(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[2]);
    struct node_world w;

    random_set_seed(atoi(ctx->argv[1]));
    node_world_init(&w);

    int host = new_host();
    for (int i = 1; i <= n; i++) {
        node_world_change(&w);

        live_well(&w, "after a change");

        unsigned int n_changes = (i % RESTART_EVERY ? 0
                                  : live_once(&w).n_changes);
        if (n_changes) {
            ovs_fatal(0, "after %d changes: %u changes when started again", i,
                      n_changes);
        }
        if (i % COMPARE_EVERY == 0 || i == n) {
            compare_with_new_host(&w, host, i);
        }
    }
    close(host);
    node_world_destroy(&w);
    printf("%d changes\n", n);
}

EGRESS_TEST("node-random", "SEED N", 2, 2, node_random)

static void
node_kill(struct ovs_cmdl_context *ctx)
{
    int n = atoi(ctx->argv[2]);
    struct node_world w;
    int n_killed = 0;

    random_set_seed(atoi(ctx->argv[1]));
    node_world_init(&w);

    int host = new_host();
    for (int i = 1; i <= n; i++) {
        node_world_change(&w);

        struct life life;
        n_killed += !live_and_die(&w, node_rnd(40000), &life);
        if (i % COMPARE_EVERY == 0 || i == n) {
            live_well(&w, "after being killed");
            compare_with_new_host(&w, host, i);
        }
    }
    close(host);
    node_world_destroy(&w);
    ovs_assert(n_killed > n / 10);
    printf("%d times\n", n);
}

EGRESS_TEST("node-kill", "SEED N", 2, 2, node_kill)

static void
inject(enum fault f, int after, bool stays)
{
    fault = f;
    fault_after = after;
    fault_stays = stays;
}

/* Reads with a fault, which must change nothing and say so. */
static void
check_read_fault(struct node_world *w, enum fault f, int after, const char *name)
{
    char *before = show_host();

    inject(f, after, true);
    struct life life = live_once(w);
    inject(NO_FAULT, 0, false);

    char *now = show_host();
    bool same = !strcmp(before, now);
    printf("%s: %s, %s, %s\n", name, life.matches ? "matches" : "no match",
           life.n_errors ? "error" : "no error",
           same ? "kernel unchanged" : "kernel changed");
    free(before);
    free(now);
}

static void
node_faults(struct ovs_cmdl_context *ctx OVS_UNUSED)
{
    struct node_world w;

    vlog_set_levels(NULL, VLF_ANY_DESTINATION, VLL_OFF);
    random_set_seed(42);
    node_world_init(&w);

    int host = new_host();
    live_well(&w, "at first");

    /* A dump that shows nothing would remove everything. */
    check_read_fault(&w, RECEIVE_ENOBUFS, 1, "answers lost");
    check_read_fault(&w, DUMP_INTERRUPTED, 1, "dumps interrupted");
    check_read_fault(&w, DUMP_FAILS, 1, "dumps fail");
    for (int i = 2; i < 30; i += 9) {
        char *name = xasprintf("dumps fail from message %d on", i);

        check_read_fault(&w, DUMP_FAILS, i, name);
        free(name);
    }

    /* Interrupted just once: it is read again. */
    inject(DUMP_INTERRUPTED, 3, false);
    live_well(&w, "interrupted once");

    /* One change that is refused is tried again, and does not keep the others
     * from being made. */
    for (int i = 1; i <= 20; i++) {
        node_world_change(&w);
        inject(REQUEST_REFUSED, 1 + node_rnd(10), false);
        live_well(&w, "refused once");
    }
    inject(NO_FAULT, 0, false);
    compare_with_new_host(&w, host, 20);

    /* All are refused: an error for everybody. */
    node_world_change(&w);
    w.in.n_policies = 0;
    inject(REQUEST_REFUSED, 1, true);
    struct life life = live_once(&w);
    inject(NO_FAULT, 0, false);
    printf("refused: %s, %s\n", life.matches ? "matches" : "no match",
           life.n_errors ? "error" : "no error");
    close(host);
    node_world_destroy(&w);
}

EGRESS_TEST("node-faults", "", 0, 0, node_faults)
