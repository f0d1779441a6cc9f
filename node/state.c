/* SPDX-License-Identifier: Apache-2.0 */

/* What outlives the helper: see state.h. */

#include <config.h>

#include "node/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/egress-dirs.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "util.h"

static char *file_name;
static struct json *state;

void
state_init(const char *node)
{
    char *name = xstrdup(node);

    for (char *p = name; *p; p++) {
        *p = *p == '/' ? '_' : *p;
    }
    file_name = xasprintf("%s/ovn-egress-node.%s.state", egress_rundir(),
                          name);
    free(name);
    state = json_from_file(file_name);
    if (state->type != JSON_OBJECT) {
        json_destroy(state);
        state = json_object_create();
    }
}

void
state_destroy(void)
{
    json_destroy(state);
    free(file_name);
    state = NULL;
    file_name = NULL;
}

const struct json *
state_get(const char *name)
{
    return state ? shash_find_data(json_object(state), name) : NULL;
}

/* Writes 'text' to 'name'.  Returns 0 or a positive errno. */
static int
write_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "we");
    int error = 0;

    if (!file) {
        return errno;
    }
    if (fputs(text, file) < 0) {
        error = errno;
    }
    if (fclose(file) && !error) {
        error = errno;
    }
    return error;
}

int
state_set(const char *name, struct json *value)
{
    if (!state) {
        json_destroy(value);
        return 0;
    }
    json_destroy(shash_find_and_delete(json_object(state), name));
    if (value) {
        json_object_put(state, name, value);
    }

    char *new = xasprintf("%s.new", file_name);
    char *text = json_to_string(state, JSSF_SORT);
    int error = write_file(new, text);

    if (!error && rename(new, file_name)) {
        error = errno;
    }
    free(text);
    free(new);
    return error;
}
