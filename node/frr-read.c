/* SPDX-License-Identifier: Apache-2.0 */

/* What vtysh(1) says of a running FRR.  See frr-read.h. */

#include <config.h>

#include "node/frr-read.h"

#include <stdlib.h>
#include <string.h>

#include "intent/ip.h"
#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "plan/frr.h"
#include "util.h"

/* Each daemon is asked for itself: see put_zebra(). */
#define SHOW_BGPD "show running-config bgpd no-header"
#define SHOW_BFDD "show running-config bfdd no-header"
#define SHOW_ZEBRA "show running-config zebra no-header"
#define SHOW_SESSIONS "show bgp vrf all summary json"

void
frr_neighbors_destroy(struct frr_neighbors *nn)
{
    for (size_t i = 0; i < nn->n; i++) {
        free(nn->items[i].vrf);
        free(nn->items[i].name);
        free(nn->items[i].state);
        sset_destroy(&nn->items[i].wanted);
        sset_destroy(&nn->items[i].advertised);
    }
    free(nn->items);
    nn->items = NULL;
    nn->n = 0;
}

static const char *
vrf_name(const struct frr_neighbor *n)
{
    return *n->vrf ? n->vrf : "default";
}

static char *
advertised_command(const struct frr_neighbor *n, enum ip_family family)
{
    return xasprintf("show bgp vrf %s %s unicast neighbors %s "
                     "advertised-routes json", vrf_name(n),
                     ip_family_name(family), n->name);
}

void
frr_read_commands(const struct frr_neighbors *nn, struct svec *argv)
{
    static const char *const commands[] = {
        SHOW_BGPD, SHOW_BFDD, SHOW_ZEBRA, SHOW_SESSIONS
    };

    svec_add(argv, "-E");
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
        svec_add(argv, "-c");
        svec_add(argv, commands[i]);
    }
    for (size_t i = 0; i < nn->n; i++) {
        for (int f = 0; f < IP_N_FAMILIES; f++) {
            if (nn->items[i].families[f]) {
                svec_add(argv, "-c");
                svec_add_nocopy(argv, advertised_command(&nn->items[i], f));
            }
        }
    }
}

/* Returns the output of 'command', which follows a line with a prompt and the
 * command, up to the next such line, or NULL if it is not there.  The caller
 * frees it. */
static char *
find_section(const char *output, const char *command)
{
    char *echo = xasprintf("# %s\n", command);
    const char *start = strstr(output, echo);
    char *section = NULL;

    if (start) {
        struct ds s = DS_EMPTY_INITIALIZER;

        start += strlen(echo);
        for (const char *p = start; *p; ) {
            size_t len = strcspn(p, "\n");
            const char *show = memmem(p, len, "# show ", 7);

            if (show && !memchr(p, ' ', show - p)) {
                break;
            }
            ds_put_buffer(&s, p, len);
            ds_put_char(&s, '\n');
            p += len + (p[len] == '\n');
        }
        section = ds_steal_cstr(&s);
    }
    free(echo);
    return section;
}

/* Returns the JSON that 'command' wrote, or NULL.  The caller destroys it. */
static struct json *
find_json(const char *output, const char *command)
{
    char *section = find_section(output, command);
    struct json *json = section ? json_from_string(section) : NULL;

    free(section);
    if (json && json->type != JSON_OBJECT) {
        json_destroy(json);
        json = NULL;
    }
    return json;
}

/* Returns member 'name' of 'json', an object if it has a 'name', or NULL. */
static const struct json *
get(const struct json *json, const char *name)
{
    return (json && json->type == JSON_OBJECT
            ? shash_find_data(json_object(json), name) : NULL);
}

/* Reads the state of 'n' out of the summary of all sessions. */
static void
read_state(const struct json *summary, struct frr_neighbor *n)
{
    static const char *const families[] = { "ipv4Unicast", "ipv6Unicast" };
    const struct json *vrf = get(summary, vrf_name(n));

    free(n->state);
    n->state = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(families) && !n->state; i++) {
        const struct json *peer = get(get(get(vrf, families[i]), "peers"),
                                      n->name);
        const struct json *state = get(peer, "state");

        if (state && state->type == JSON_STRING) {
            n->state = xstrdup(json_string(state));
        }
    }
    if (!n->state) {
        n->state = xstrdup("");
    }
}

static void
read_advertised(const char *output, struct frr_neighbor *n)
{
    sset_clear(&n->advertised);
    for (int f = 0; f < IP_N_FAMILIES; f++) {
        char *command = advertised_command(n, f);
        struct json *json = find_json(output, command);
        const struct json *routes = get(json, "advertisedRoutes");

        if (routes && routes->type == JSON_OBJECT) {
            struct shash_node *sn;
            SHASH_FOR_EACH (sn, json_object(routes)) {
                sset_add(&n->advertised, sn->name);
            }
        }
        json_destroy(json);
        free(command);
    }
}

/* True if 'section' is a configuration, and complete: a daemon that does not
 * run writes none. */
static bool
is_configuration(const char *section)
{
    return (section && strstr(section, "frr version")
            && strstr(section, "\nend\n"));
}

/* Appends to 's' the lines of zebra's configuration that we may need.  It has
 * copies of our prefix-lists, too, which would hide that bgpd lost them in a
 * restart. */
static void
put_zebra(const char *zebra, struct ds *s)
{
    char *copy = xstrdup(zebra);
    char *save = NULL;

    for (char *line = strtok_r(copy, "\n", &save); line;
         line = strtok_r(NULL, "\n", &save)) {
        const char *word = line + strspn(line, " ");

        if (!strncmp(line, "vrf ", 4) || !strcmp(word, FRR_TRACKING_V4)
            || !strcmp(word, FRR_TRACKING_V6)) {
            ds_put_format(s, "%s\n", line);
        }
    }
    free(copy);
}

char *
frr_read_parse(const char *output, const char *wanted,
               struct frr_neighbors *nn, char **running)
{
    char *bgpd = find_section(output, SHOW_BGPD);
    char *bfdd = find_section(output, SHOW_BFDD);
    char *zebra = find_section(output, SHOW_ZEBRA);
    struct json *summary = find_json(output, SHOW_SESSIONS);
    char *error = NULL;

    if (!is_configuration(bgpd) || !summary) {
        error = xstrdup("bgpd does not run");
    } else if (strstr(wanted, "bfd\n") && !is_configuration(bfdd)) {
        error = xstrdup("bfdd does not run");
    } else if (*wanted && !is_configuration(zebra)) {
        error = xstrdup("zebra does not run");
    } else {
        struct ds s = DS_EMPTY_INITIALIZER;

        ds_put_format(&s, "%s%s", bgpd, bfdd ? bfdd : "");
        put_zebra(zebra ? zebra : "", &s);
        *running = ds_steal_cstr(&s);
        for (size_t i = 0; i < nn->n; i++) {
            read_state(summary, &nn->items[i]);
            read_advertised(output, &nn->items[i]);
        }
    }
    json_destroy(summary);
    free(zebra);
    free(bfdd);
    free(bgpd);
    return error;
}
