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
#include "utilities/ctl-view.h"

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

/* True if 'de', found at 'path', is itself a directory and not a link to
 * one. */
static bool
is_directory(const struct dirent *de, const char *path)
{
    struct stat st;

    return (de->d_name[0] != '.' && !lstat(path, &st)
            && S_ISDIR(st.st_mode));
}

/* Adds the manifests in the directory 'name' and, if 'recursive', in those
 * below it, to 'found'.  Returns false if one cannot be read. */
static bool
find_files(const char *name, bool recursive, struct svec *found)
{
    DIR *dir = opendir(name);
    bool ok = true;

    if (!dir) {
        ovs_error(errno, "%s", name);
        return false;
    }
    for (struct dirent *de; (de = readdir(dir)) != NULL; ) {
        char *path = xasprintf("%s/%s", name, de->d_name);

        if (is_directory(de, path)) {
            ok &= !recursive || find_files(path, recursive, found);
        } else if (is_manifest_name(de->d_name)) {
            svec_add(found, path);
        }
        free(path);
    }
    closedir(dir);
    return ok;
}

/* Adds the manifests in the directory 'name' to 'files'.  Returns false if
 * there is none, which is more likely a mistake than a wish. */
static bool
list_directory(const char *name, bool recursive, struct svec *files)
{
    struct svec found = SVEC_EMPTY_INITIALIZER;
    bool ok = find_files(name, recursive, &found);

    if (ok && !found.n) {
        ovs_error(0, "%s: no *.yaml, *.yml or *.json here%s", name,
                  recursive ? "" : " (-R looks below it too)");
        ok = false;
    }
    svec_sort(&found);
    svec_append(files, &found);
    svec_destroy(&found);
    return ok;
}

/* Makes '*objp' of 'manifest', which it frees, instead.  Returns false, with
 * the problems printed and '*objp' NULL, if that is not valid. */
static bool
make_anew(struct intent_object **objp, char *manifest)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct intent_object *obj = intent_object_from_json(
        manifest, strlen(manifest), INTENT_STRICT, &problems);

    /* Warnings have been printed, with the line where they belong. */
    if (obj) {
        intent_object_set_origin(obj, (*objp)->file, (*objp)->line);
    } else {
        manifests_print_problems(&problems);
    }
    intent_problems_destroy(&problems);
    intent_object_destroy(*objp);
    free(manifest);
    *objp = obj;
    return obj != NULL;
}

/* Puts '*objp' into 'namespace'. */
static bool
put_into_namespace(struct intent_object **objp, const char *namespace)
{
    struct json *metadata = json_object_create();
    struct json *overlay = json_object_create();
    json_object_put_string(metadata, "namespace", namespace);
    json_object_put(overlay, "metadata", metadata);

    char *text = json_to_string(overlay, 0);
    char *merged = intent_json_merge((*objp)->manifest, text);
    json_destroy(overlay);
    free(text);
    return make_anew(objp, merged);
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

/* Gives '*objp' its namespace.  Returns false if it has another. */
static bool
complete_namespace(struct intent_object **objp, const char *namespace)
{
    const struct intent_object *obj = *objp;

    if (!intent_kind_is_namespaced(obj->kind)) {
        return true;
    } else if (!says_namespace(obj)) {
        return put_into_namespace(objp, (namespace ? namespace
                                         : DEFAULT_NAMESPACE));
    } else if (namespace && strcmp(obj->namespace, namespace)) {
        ovs_error(0, "%s: not in the namespace \"%s\" of option -n",
                  intent_object_id(obj), namespace);
        return false;
    }
    return true;
}

/* Takes out of '*objp' what "get" adds to manifests. */
static bool
undo_view(struct intent_object **objp)
{
    char *manifest = view_undo(*objp);

    return manifest ? make_anew(objp, manifest) : true;
}

/* Makes of 'objs', as they were read, what is to be applied. */
static bool
complete_objects(struct intent_list *objs, const char *namespace)
{
    bool ok = true;
    size_t n = 0;

    for (size_t i = 0; i < objs->n; i++) {
        struct intent_object *obj = objs->objs[i];

        ok &= undo_view(&obj) && complete_namespace(&obj, namespace);
        if (obj) {
            objs->objs[n++] = obj;
        }
    }
    objs->n = n;
    return ok;
}

bool
manifests_read(const struct svec *names, const char *namespace,
               bool recursive, struct intent_list *objs)
{
    struct intent_problems problems = INTENT_PROBLEMS_INITIALIZER;
    struct svec files = SVEC_EMPTY_INITIALIZER;
    bool ok = true;

    const char *name;
    size_t i;
    SVEC_FOR_EACH (i, name, names) {
        struct stat st;

        if (!stat(name, &st) && S_ISDIR(st.st_mode)) {
            ok &= list_directory(name, recursive, &files);
        } else {
            svec_add(&files, name);
        }
    }
    SVEC_FOR_EACH (i, name, &files) {
        ok &= read_file(name, objs, &problems);
    }
    svec_destroy(&files);

    ok &= complete_objects(objs, namespace);
    intent_list_check(objs, &problems);
    manifests_print_problems(&problems);
    ok &= !intent_problems_have_error(&problems);
    intent_problems_destroy(&problems);
    return ok;
}
