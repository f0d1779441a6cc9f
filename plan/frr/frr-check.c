/* SPDX-License-Identifier: Apache-2.0 */

/* What FRR and the kernel take.  See frr-check.h. */

#include <config.h>

#include "plan/frr/frr-check.h"

#include <string.h>

#include "plan/frr/frr.h"
#include "util.h"

/* The longest name of a link, and so of a VRF (Linux, IFNAMSIZ - 1). */
#define MAX_LINK_NAME 15

/* The longest name of a BFD profile (FRR, frr-bfdd.yang). */
#define MAX_BFD_NAME (63 - (int) sizeof FRR_PREFIX + 1)

/* The longest password of TCP MD5 (Linux, TCP_MD5SIG_MAXKEYLEN). */
#define MAX_PASSWORD 80

/* True if 's' is a word without any of the characters 'bad'. */
static bool
is_word(const char *s, const char *bad)
{
    for (; *s; s++) {
        unsigned char c = *s;

        if (c <= ' ' || c >= 0x7f || strchr(bad, c)) {
            return false;
        }
    }
    return true;
}

/* Returns why 'name', of a VRF or an interface as 'what' says, is none, or
 * NULL. */
static char *
check_link_name(const char *what, const char *name)
{
    static const char *const reserved[] = { "all", "default", ".", ".." };
    struct in6_addr ip;

    if (strlen(name) > MAX_LINK_NAME) {
        return xasprintf("%s: the name has more than %d characters", what,
                         MAX_LINK_NAME);
    } else if (!is_word(name, "\"'\\%/|?!#`")) {
        return xasprintf("%s: the name has a character that FRR or the "
                         "kernel does not take", what);
    } else if (ip_addr_parse(name, &ip)) {
        return xasprintf("%s: the name is an address", what);
    }
    for (size_t i = 0; i < ARRAY_SIZE(reserved); i++) {
        if (!strcmp(name, reserved[i])) {
            return xasprintf("%s: FRR or the kernel has another meaning for "
                             "the name \"%s\"", what, name);
        }
    }
    return NULL;
}

static bool
is_password(const char *s)
{
    size_t len = strlen(s);

    for (size_t i = 0; i < len; i++) {
        unsigned char c = s[i];

        if (c <= ' ' || c == 0x7f) {
            return false;
        }
    }
    return len <= MAX_PASSWORD;
}

/* True if all words of what is announced are a key and numbers. */
static bool
announcements_are_good(const struct frr_peer *p)
{
    for (size_t i = 0; i < p->n_announcements; i++) {
        const struct svec *words = &p->announcements[i].attributes;

        for (size_t j = 0; j < words->n; j++) {
            const char *value = strchr(words->names[j], '=');

            if (!value || value[1 + strspn(value + 1, "0123456789:")]) {
                return false;
            }
        }
    }
    return true;
}

char *
frr_check_peer(const struct frr_peer *p)
{
    const struct intent_bgp_peer *peer = p->peer;
    char *error = check_link_name("spec.vrf", peer->vrf);
    struct in6_addr id;

    if (!error) {
        error = check_link_name("spec.interface", peer->interface);
    }
    if (error) {
        return error;
    } else if (*peer->router_id
               && (!ip_addr_parse(peer->router_id, &id)
                   || ip_family(&id) != IP_V4)) {
        return xstrdup("spec.routerID: not an IPv4 address");
    } else if (strlen(p->bfd_name) > MAX_BFD_NAME
               || !is_word(p->bfd_name, "\"'\\%/|?!#`")) {
        return xasprintf("spec.bfdProfile: FRR takes no name with such "
                         "characters or with more than %d", MAX_BFD_NAME);
    } else if (!is_password(p->password)) {
        return xasprintf("the password has a blank or is longer than %d "
                         "characters, which FRR does not take", MAX_PASSWORD);
    } else if (!announcements_are_good(p)) {
        return xstrdup("announcements: an attribute is not KEY=NUMBERS");
    }
    return NULL;
}
