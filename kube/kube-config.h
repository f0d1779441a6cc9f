/* SPDX-License-Identifier: Apache-2.0 */

/* Where the API server is and who we are there: a kubeconfig, or what a pod
 * finds in its environment.
 *
 * Called at the start by kube.c; kube-http.c uses the result.  A credential
 * that a file holds is read again for each request, as it is rotated there.
 * Never runs a program: what gets its token from one is refused. */

#ifndef KUBE_CONFIG_H
#define KUBE_CONFIG_H 1

#include <stdbool.h>
#include <stddef.h>

#include "openvswitch/compiler.h"

/* A certificate or key, in a file or as it is.  Both NULL if there is none. */
struct kube_blob {
    char *file;
    char *data;                 /* 'n' bytes, and a null byte. */
    size_t n;
};

struct kube_config {
    char *source;               /* "FILE, context \"x\"": for messages. */
    char *server;               /* "https://HOST:PORT", no "/" at the end. */
    struct kube_blob ca;        /* Neither: those of the system. */
    bool insecure;              /* Verify nothing. */
    char *tls_server_name;      /* What its certificate is for, or NULL. */
    char *proxy;                /* NULL: by the environment. */
    struct kube_blob certificate, key;
    char *token, *token_file;   /* The latter wins. */
    char *username, *password;
};

/* Read the configuration from 'file', the 'context' or, if NULL, its current
 * one; from the 'n' bytes of 'text' that 'file' holds; or from the files of a
 * pod's service account.  Return NULL, or why it cannot be had, to be freed by
 * the caller. */
char *kube_config_read(struct kube_config *, const char *file,
                       const char *context) OVS_WARN_UNUSED_RESULT;
char *kube_config_parse(struct kube_config *, const char *text, size_t n,
                        const char *file, const char *context)
    OVS_WARN_UNUSED_RESULT;
char *kube_config_from_pod(struct kube_config *) OVS_WARN_UNUSED_RESULT;

/* The first that is given: 'file', $KUBECONFIG, a pod's. */
char *kube_config_find(struct kube_config *, const char *file,
                       const char *context) OVS_WARN_UNUSED_RESULT;

void kube_config_destroy(struct kube_config *);

/* Sets '*token' to the token to use now, or NULL if there is none; the caller
 * frees it.  Returns NULL, or why it cannot be read, to be freed too. */
char *kube_config_get_token(const struct kube_config *, char **token)
    OVS_WARN_UNUSED_RESULT;

#endif /* kube/kube-config.h */
