/* SPDX-License-Identifier: Apache-2.0 */

/* Hosts and reconcilers for tests: see node-life.h. */

#include <config.h>

#include "tests/node-life.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/reconcile.h"
#include "openvswitch/dynamic-string.h"
#include "tests/node-world.h"
#include "util.h"

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
    "addr add 2001:db8:1::77/64 dev d1 nodad valid_lft 9000 "
    "preferred_lft 900\n"
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
    "master [a-z]*\\|vrf table [0-9]*\\|alias .*\\|[<,]UP[,>]' | sort "
    "| uniq -c\n"
    "for f in 4 6; do ip -$f route show table all"
    " | grep -v 'fe80\\|ff00\\|^local\\|^broadcast\\|^anycast\\|^multicast' "
    " | sed 's/ src [^ ]*//; s/ expires [^ ]*//; s/ *$//' | sort; done\n"
    "nft list ruleset | tr -d '\\t' | tr -s ' ,' '\\n\\n' | sort | uniq -c\n";

int
node_host_create(void)
{
    if (unshare(CLONE_NEWNET) || system(host_script)) {
        ovs_fatal(errno, "cannot make a host");
    }
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

void
node_host_enter(int host)
{
    if (setns(host, CLONE_NEWNET)) {
        ovs_fatal(errno, "setns");
    }
}

char *
node_host_show(void)
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

/* What a process that was forked does: lives, and writes what came of it to
 * 'fd'. */
static void
live_here(struct node_world *w, int fd)
{
    char *error = reconcile_init();
    if (error) {
        ovs_fatal(0, "%s", error);
    }

    struct reconcile_result *result = reconcile_run(&w->in,
                                                    MACHINE_DEFAULT_PROTOCOL);
    const struct smap_node **errors = smap_sort(&result->errors);
    struct ds s = DS_EMPTY_INITIALIZER;
    struct node_life life = {
        .matches = result->matches,
        .n_changes = result->n_changes,
    };

    for (size_t i = 0; i < smap_count(&result->errors); i++) {
        ds_put_format(&s, "%s: %s\n", errors[i]->key, errors[i]->value);
    }
    ovs_strlcpy(life.errors, ds_cstr(&s), sizeof life.errors);
    ds_destroy(&s);
    free(errors);
    reconcile_result_destroy(result);
    reconcile_destroy();
    if (write(fd, &life, sizeof life) != sizeof life) {
        _exit(EXIT_FAILURE);
    }
}

bool
node_live(struct node_world *w, int max_usec, struct node_life *life)
{
    int fds[2];

    if (pipe(fds)) {
        ovs_fatal(errno, "pipe");
    }
    fflush(stdout);

    pid_t pid = fork();
    if (!pid) {
        live_here(w, fds[1]);
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

unsigned int
node_live_well(struct node_world *w, const char *when)
{
    struct node_life life;

    node_live(w, -1, &life);
    if (!life.matches) {
        ovs_fatal(0, "%s: the kernel is not as wanted: %s", when,
                  life.errors);
    }
    return life.n_changes;
}

static void
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");

    fputs(text, file);
    fclose(file);
}

/* What has left is remembered for a while, which a new host cannot. */
static const char forget_script[] =
    "for i in leaving gone; do for f in 4 6; do"
    " nft flush set inet ovn_egress $i$f 2> /dev/null; done; done";

void
node_host_compare(struct node_world *w, int host, const char *when)
{
    if (system(forget_script) < 0) {
        ovs_fatal(errno, "nft");
    }
    node_live_well(w, "what had left is forgotten");

    char *here = node_host_show();
    int other = node_host_create();

    node_live_well(w, "a new host");
    char *there = node_host_show();
    if (strcmp(here, there)) {
        write_file("here", here);
        write_file("new", there);
        if (system("diff -u here new") < 0) {
            ovs_fatal(errno, "diff");
        }
        ovs_fatal(0, "%s: not like a new host", when);
    }
    node_host_enter(host);
    close(other);
    free(here);
    free(there);
}
