/* SPDX-License-Identifier: Apache-2.0 */

/* Kind "sysctl": files below /proc/sys.  See kind.h.
 *
 * Only those that are or were wanted are looked at.  A sysctl has no mark, so
 * what we wrote and what was there before is remembered in the member
 * "sysctl" of node/state.h, {PATH: [BEFORE, WRITTEN]}: when it is not wanted
 * any more it is as before, unless somebody else has written it.  The kernel
 * lets CAP_NET_ADMIN write below net/, so this works without being root. */

#include <config.h>

#include "node/kind.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/json-array.h"
#include "node/links.h"
#include "node/state.h"
#include "openvswitch/shash.h"
#include "plan/machine/machine-link.h"
#include "util.h"

#define MAX_VALUE 64

/* Reads the first line of the sysctl 'path' into 'buf'.  Returns 0 or a
 * positive errno. */
static int
read_value(const char *path, char buf[MAX_VALUE])
{
    char *name = xasprintf("/proc/sys/%s", path);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    int error = 0;

    free(name);
    if (fd < 0) {
        return errno;
    }
    ssize_t n = read(fd, buf, MAX_VALUE - 1);
    if (n < 0) {
        error = errno;
    } else {
        buf[n] = '\0';
        buf[strcspn(buf, "\n")] = '\0';
    }
    close(fd);
    return error;
}

/* A container that is not privileged has a /proc/sys that is read-only.  It
 * may have another place of the same files that is not. */
static int
write_value(const char *path, const char *value)
{
    const char *dir = getenv("OVN_EGRESS_SYSCTL_DIR");
    char *name = xasprintf("%s/%s", dir && *dir ? dir : "/proc/sys", path);
    int fd = open(name, O_WRONLY | O_CLOEXEC);
    int error = fd < 0 || write(fd, value, strlen(value)) < 0 ? errno : 0;

    if (fd >= 0) {
        close(fd);
    }
    free(name);
    return error;
}

/* Memory. */

/* What was in 'path' and what we wrote there. */
struct memory {
    const char *before;
    const char *written;
};

/* Returns false if 'item' is nothing that we remember. */
static bool
get_memory(const struct json *item, struct memory *m)
{
    if (!item || item->type != JSON_ARRAY || egress_json_array_size(item) != 2
        || egress_json_array_at(item, 0)->type != JSON_STRING
        || egress_json_array_at(item, 1)->type != JSON_STRING) {
        return false;
    }
    m->before = json_string(egress_json_array_at(item, 0));
    m->written = json_string(egress_json_array_at(item, 1));
    return true;
}

static const struct shash *
memories(void)
{
    static const struct shash none = SHASH_INITIALIZER(&none);
    const struct json *all = state_get("sysctl");

    return all && all->type == JSON_OBJECT ? json_object(all) : &none;
}

/* Remembers 'item' about 'path', or nothing if that is NULL. */
static int
set_memory(const char *path, struct json *item)
{
    struct json *all = json_object_create();
    struct shash_node *node;

    SHASH_FOR_EACH (node, memories()) {
        if (strcmp(node->name, path)) {
            json_object_put(all, node->name, json_clone(node->data));
        }
    }
    if (item) {
        json_object_put(all, path, item);
    }
    return state_set("sysctl", all);
}

const char *
kind_sysctl_before(const char *path, const char *value)
{
    struct memory m;

    return (get_memory(shash_find_data(memories(), path), &m)
            && !strcmp(value, m.written) ? m.before : NULL);
}

/* Observing. */

static const struct machine_sysctl *
sysctl_of(const struct machine_object *object)
{
    return (const struct machine_sysctl *) object;
}

/* Adds the value of 'path' to 'have', unless 'written' is there and it is
 * another.  Returns 0 or a positive errno. */
static int
observe_path(const char *path, const char *written,
             struct machine_objects *have)
{
    char buf[MAX_VALUE];
    int error = read_value(path, buf);

    if (!error && (!written || !strcmp(written, buf))) {
        machine_objects_add(have, &(struct machine_sysctl) {
                                .object.class = &machine_class_sysctl,
                                .path = xstrdup(path),
                                .value = xstrdup(buf),
                            });
    }
    return error == ENOENT ? 0 : error;
}

static char *
sysctl_observe(const struct kind_view *view, struct machine_objects *have)
{
    const struct machine_objects *want = &view->machine->want;
    const char *path = NULL;
    struct shash_node *node;
    int error = 0;

    for (size_t i = 0; i < want->n && !error; i++) {
        if (want->items[i]->class == &machine_class_sysctl) {
            path = sysctl_of(want->items[i])->path;
            error = observe_path(path, NULL, have);
        }
    }
    SHASH_FOR_EACH (node, memories()) {
        const struct machine_sysctl place = {
            .object.class = &machine_class_sysctl, .path = node->name,
        };
        struct memory m;

        if (!error && get_memory(node->data, &m)
            && !kind_is_wanted(view, &place)) {
            path = node->name;
            error = observe_path(path, m.written, have);
        }
    }
    return error ? xasprintf("%s: %s", path, ovs_strerror(error)) : NULL;
}

/* Applying. */

/* Writes what is wanted, and remembers what was there.  Not what is of no
 * interface that exists: "all" and "default" are the host's, whoever wants
 * something of them. */
static int
change(const struct machine_sysctl *want)
{
    char now[MAX_VALUE];
    int error = (links_index(want->link) ? read_value(want->path, now)
                 : ENODEV);

    if (error) {
        return error;
    }
    const char *before = kind_sysctl_before(want->path, now);
    bool ours = before != NULL;
    struct json *item = json_array_create_2(
        json_string_create(ours ? before : now),
        json_string_create(want->value));
    error = set_memory(want->path, item);
    if (!error) {
        error = write_value(want->path, want->value);
        if (error && !ours) {
            set_memory(want->path, NULL);
        }
    }
    return error;
}

/* Writes what was there before us, and forgets it. */
static int
restore(const char *path)
{
    struct memory m;
    int error = 0;

    if (get_memory(shash_find_data(memories(), path), &m)) {
        error = write_value(path, m.before);
        error = error == ENOENT ? 0 : error;
    }
    return error ? error : set_memory(path, NULL);
}

static void
sysctl_apply(const struct kind_view *view OVS_UNUSED,
             const struct machine_change *changes, size_t n,
             struct smap *errors)
{
    for (size_t i = 0; i < n; i++) {
        const struct machine_change *c = &changes[i];
        int error = (c->want ? change(sysctl_of(c->want))
                     : restore(sysctl_of(c->have)->path));

        if (error) {
            kind_error(errors, c, "%s", ovs_strerror(error));
        }
    }
}

const struct kind kind_sysctl = {
    .name = "sysctl",
    .observe = sysctl_observe,
    .apply = sysctl_apply,
};
