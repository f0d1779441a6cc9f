/* SPDX-License-Identifier: Apache-2.0 */

/* ovn-egress-kube: main(), and what the daemon is as data. */

#include <config.h>

#include "kube/kube.h"
#include "lib/daemon-shell.h"
#include "util.h"

static struct kube_options options;

static char *
init(void *kubep)
{
    char *error = kube_create(&options, kubep);

    if (!error) {
        kube_unixctl_init(*(struct kube **) kubep);
    }
    return error;
}

static void
run(void *kubep)
{
    kube_run(*(struct kube **) kubep);
}

static void
wait(void *kubep)
{
    kube_wait(*(struct kube **) kubep);
}

static void
memory(struct simap *usage, void *kubep)
{
    kube_memory(*(struct kube **) kubep, usage);
}

static void
destroy(void *kubep)
{
    kube_destroy(*(struct kube **) kubep);
}

static const struct daemon_shell_option shell_options[] = {
    { .name = "db", .text = &options.db, .arg = "DATABASE",
      .help = "connect to OVN_Egress at DATABASE" },
    { .name = "kubeconfig", .text = &options.kubeconfig, .arg = "FILE",
      .help = "find the API server in FILE (default: $KUBECONFIG, else what "
              "a pod has)" },
    { .name = "context", .text = &options.context, .arg = "NAME",
      .help = "use this context of the kubeconfig" },
    { .name = "write-ingress", .flag = &options.write_ingress,
      .help = "write allocated addresses into the status of Services" },
    { .name = NULL },
};

static const struct daemon_shell shell = {
    .name = "ovn-egress-kube",
    .summary = "mirrors a Kubernetes cluster into OVN_Egress",
    .net_admin = false,
    .options = shell_options,
    .init = init,
    .run = run,
    .wait = wait,
    .memory = memory,
    .destroy = destroy,
};

int
main(int argc, char *argv[])
{
    struct kube *kube = NULL;

    return daemon_shell_main(argc, argv, &shell, &kube);
}
