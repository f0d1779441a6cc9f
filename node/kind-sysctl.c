/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "sysctl": files below /proc/sys.  See kind.h.
 *
 * Only those that are wanted are looked at.  The kernel lets CAP_NET_ADMIN
 * write below net/, so this works without being root. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan/host-row.h"
#include "util.h"

static char *
file_name(const struct plan_row *row)
{
    return xasprintf("/proc/sys/%s", row->key);
}

/* Reads the first line of the file of 'want' into 'buf'.  Returns 0 or a
 * positive errno. */
static int
read_value(const struct plan_row *want, char *buf, size_t size)
{
    char *name = file_name(want);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    int error = 0;

    free(name);
    if (fd < 0) {
        return errno;
    }
    ssize_t n = read(fd, buf, size - 1);
    if (n < 0) {
        error = errno;
    } else {
        buf[n] = '\0';
        buf[strcspn(buf, "\n")] = '\0';
    }
    close(fd);
    return error;
}

static char *
sysctl_observe(const struct kind_view *view, struct plan_rows *have)
{
    const struct plan_rows *rows = &view->host->want;

    for (size_t i = 0; i < rows->n; i++) {
        const struct plan_row *want = rows->rows[i];
        char buf[64];

        if (strcmp(want->table, "sysctl")) {
            continue;
        }
        int error = read_value(want, buf, sizeof buf);
        if (!error) {
            struct plan_row *row = plan_rows_add(have, "sysctl", want->key);

            plan_row_set_string(row, "value", buf);
        } else if (error != ENOENT) {
            return xasprintf("%s: %s", want->key, ovs_strerror(error));
        }
    }
    return NULL;
}

static void
sysctl_apply(const struct kind_view *view OVS_UNUSED,
             const struct plan_change *changes, size_t n, struct smap *errors)
{
    for (size_t i = 0; i < n; i++) {
        const struct plan_row *want = changes[i].want;
        if (!want) {
            continue;           /* Never deleted. */
        }

        const char *value = host_row_string(want, "value", "");
        char *name = file_name(want);
        int fd = open(name, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || write(fd, value, strlen(value)) < 0) {
            kind_error(errors, &changes[i], "%s", ovs_strerror(errno));
        }
        if (fd >= 0) {
            close(fd);
        }
        free(name);
    }
}

const struct kind kind_sysctl = {
    .name = "sysctl",
    .observe = sysctl_observe,
    .apply = sysctl_apply,
};
