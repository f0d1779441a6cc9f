/* SPDX-License-Identifier: Apache-2.0 */

/* Files to objects: see the header. */

#include <config.h>
#include "utilities/ctl-manifests.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "openvswitch/dynamic-string.h"
#include "openvswitch/json.h"
#include "openvswitch/shash.h"
#include "svec.h"
#include "util.h"

#include "utilities/ctl-command.h"

void
manifests_print_problems(const struct intent_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        char *s = intent_problem_to_string(&problems->items[i]);

        fprintf(stderr, "%s\n", s);
        free(s);
    }
}

/* Appends all that can be read from 'stream' to 's'.  Returns 0 or a positive
 * errno value. */
static int
read_stream(FILE *stream, struct ds *s)
{
    char buf[4096];
    size_t n;

    while ((n = fread(buf, 1, sizeof buf, stream)) > 0) {
        ds_put_buffer(s, buf, n);
    }
    return ferror(stream) ? errno : 0;
}

/* Parses the file 'name', or standard input for "-".  Returns false if it
 * cannot be read. */
static bool
read_file(const char *name, struct intent_list *objs,
          struct intent_problems *problems)
{
    bool is_stdin = !strcmp(name, "-");
    FILE *stream = is_stdin ? stdin : fopen(name, "r");
    struct ds text = DS_EMPTY_INITIALIZER;
    int error = stream ? read_stream(stream, &text) : errno;

    if (stream && !is_stdin) {
        fclose(stream);
    }
    if (error) {
        ovs_error(error, "%s", name);
    } else {
        intent_parse(ds_cstr(&text), text.length,
                     is_stdin ? "<stdin>" : name, INTENT_STRICT,
                     objs, problems);
    }
    ds_destroy(&text);
    return !error;
}

static bool
is_manifest_name(const char *name)
{
    const char *dot = strrchr(name, '.');

    return (name[0] != '.' && dot
            && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml")
                || !strcmp(dot, ".json")));
}

/* Adds the manifests in the directory 'name' to 'files'.  Returns false if
 * there is none, which is more likely a mistake than a wish. */
static bool
list_directory(const char *name, struct svec *files)
{
    DIR *dir = opendir(name);
    if (!dir) {
        ovs_error(errno, "%s", name);
        return false;
    }

    struct svec found = SVEC_EMPTY_INITIALIZER;
    for (struct dirent *de; (de = readdir(dir)) != NULL; ) {
        if (is_manifest_name(de->d_name)) {
            svec_add_nocopy(&found, xasprintf("%s/%s", name, de->d_name));
        }
    }
    closedir(dir);

    bool ok = found.n > 0;
    if (!ok) {
        ovs_error(0, "%s: no *.yaml, *.yml or *.json here", name);
    }
    svec_sort(&found);
    svec_append(files, &found);
    svec_destroy(&found);
    return ok;
}

/* Returns 'obj', which it consumes, in 'namespace'. */
static struct intent_object *
put_into_namespace(struct intent_object *obj, const char *namespace,
                   struct intent_problems *problems)
{
    struct json *metadata = json_object_create();
    struct json *overlay = json_object_create();
    json_object_put_string(metadata, "namespace", namespace);
    json_object_put(overlay, "metadata", metadata);

    char *text = json_to_string(overlay, 0);
    char *merged = intent_json_merge(obj->manifest, text);
    json_destroy(overlay);
    free(text);
    intent_object_destroy(obj);

    obj = intent_object_from_json(merged, strlen(merged), INTENT_STRICT,
                                  problems);
    free(merged);
    return obj;
}

/* True if 'obj' itself says in which namespace it is. */
static bool
says_namespace(const struct intent_object *obj)
{
    struct json *json = json_from_string(obj->manifest);
    const struct json *metadata = (json->type == JSON_OBJECT
                                   ? shash_find_data(json_object(json),
                                                     "metadata") : NULL);
    bool says = (metadata && metadata->type == JSON_OBJECT
                 && shash_find(json_object(metadata), "namespace"));

    json_destroy(json);
    return says;
}

/* Gives each of 'objs' its namespace.  Returns false if one has another. */
static bool
complete_namespaces(struct intent_list *objs, const char *namespace,
                    struct intent_problems *problems)
{
    bool ok = true;
    size_t n = 0;

    for (size_t i = 0; i < objs->n; i++) {
        struct intent_object *obj = objs->objs[i];

        if (!intent_kind_is_namespaced(obj->kind)) {
            /* Nothing to complete. */
        } else if (!says_namespace(obj)) {
            obj = put_into_namespace(
                obj, namespace ? namespace : DEFAULT_NAMESPACE, problems);
        } else if (namespace && strcmp(obj->namespace, namespace)) {
            ovs_error(0, "%s: not in the namespace \"%s\" of option -n",
                      intent_object_id(obj), namespace);
            ok = false;
        }
        if (obj) {
            objs->objs[n++] = obj;
        }
    }
    objs->n = n;
    return ok;
}

bool
manifests_read(const struct svec *names, const char *namespace,
               struct intent_list *objs)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct svec files = SVEC_EMPTY_INITIALIZER;
    bool ok = true;

    const char *name;
    size_t i;
    SVEC_FOR_EACH (i, name, names) {
        struct stat st;

        if (!stat(name, &st) && S_ISDIR(st.st_mode)) {
            ok &= list_directory(name, &files);
        } else {
            svec_add(&files, name);
        }
    }
    SVEC_FOR_EACH (i, name, &files) {
        ok &= read_file(name, objs, &problems);
    }
    svec_destroy(&files);

    ok &= complete_namespaces(objs, namespace, &problems);
    intent_list_check(objs, &problems);
    manifests_print_problems(&problems);
    ok &= !intent_problems_have_error(&problems);
    intent_problems_destroy(&problems);
    return ok;
}
