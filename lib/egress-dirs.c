/* SPDX-License-Identifier: Apache-2.0 */

/* Where the sockets, logs and databases of OVN are: see the header.  Not safe
 * to call first from two threads at once. */

#include <config.h>
#include "lib/egress-dirs.h"

#include <stdlib.h>

#include "util.h"

#include "lib/egress-config.h"

/* Returns the value of the first of FIRST and SECOND (may be NULL) that is
 * set and not empty in the environment, else FALLBACK. */
static const char *
env_or(const char *first, const char *second, const char *fallback)
{
    const char *names[] = { first, second };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *value = names[i] ? getenv(names[i]) : NULL;

        if (value && value[0]) {
            return value;
        }
    }
    return fallback;
}

const char *
egress_rundir(void)
{
    return env_or("OVN_RUNDIR", "OVS_RUNDIR", EGRESS_OVN_RUNDIR);
}

const char *
egress_logdir(void)
{
    return env_or("OVN_LOGDIR", "OVS_LOGDIR", EGRESS_OVN_LOGDIR);
}

/* Returns $ENV, else the Unix socket FILE in egress_rundir(), which is kept
 * in *CACHE from the first call on. */
static const char *
default_db(const char *env, const char *file, char **cache)
{
    if (!*cache) {
        *cache = xasprintf("unix:%s/%s", egress_rundir(), file);
    }
    return env_or(env, NULL, *cache);
}

const char *
egress_default_nb_db(void)
{
    static char *cache;

    return default_db("OVN_NB_DB", "ovnnb_db.sock", &cache);
}

const char *
egress_default_sb_db(void)
{
    static char *cache;

    return default_db("OVN_SB_DB", "ovnsb_db.sock", &cache);
}

const char *
egress_default_egress_db(void)
{
    static char *cache;

    return default_db("OVN_EGRESS_DB", "ovnegress_db.sock", &cache);
}
