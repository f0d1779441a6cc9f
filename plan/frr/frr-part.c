/* SPDX-License-Identifier: Apache-2.0 */

/* Which of FRR's daemons has which part of a configuration.  See
 * frr-part.h. */

#include <config.h>

#include "plan/frr/frr-part.h"

#include <string.h>

#include "openvswitch/dynamic-string.h"
#include "plan/frr/frr-config.h"
#include "plan/frr/frr.h"
#include "util.h"

/* How lines begin that are in no block, and whose they are.  FRR 8 to 10: what
 * moves to another daemon in a later one moves here. */
static const struct {
    const char *start;
    enum frr_daemon_id daemon;
} owners[] = {
    { FRR_ROUTER, FRR_BGPD },
    { "route-map ", FRR_BGPD },
    { "ip prefix-list ", FRR_BGPD },
    { "ipv6 prefix-list ", FRR_BGPD },
    { "bfd", FRR_BFDD },
    { "vrf ", FRR_ZEBRA },
    { FRR_TRACKING_V4, FRR_ZEBRA },
    { FRR_TRACKING_V6, FRR_ZEBRA },
};

const char *
frr_daemon_name(enum frr_daemon_id daemon)
{
    static const char *const names[FRR_N_DAEMONS] = {
        [FRR_BGPD] = "bgpd",
        [FRR_BFDD] = "bfdd",
        [FRR_ZEBRA] = "zebra",
    };

    return names[daemon];
}

void
frr_part(const char *config, enum frr_daemon_id daemon, struct ds *s)
{
    bool ours = false;

    for (const char *p = config; *p; ) {
        size_t len = strcspn(p, "\n") + (p[strcspn(p, "\n")] == '\n');

        if (*p != ' ' && !frr_starts_with(p, "exit")) {
            ours = false;
            for (size_t i = 0; i < ARRAY_SIZE(owners); i++) {
                if (owners[i].daemon == daemon
                    && frr_starts_with(p, owners[i].start)) {
                    ours = true;
                }
            }
        }
        if (ours) {
            ds_put_buffer(s, p, len);
        }
        p += len;
    }
}
