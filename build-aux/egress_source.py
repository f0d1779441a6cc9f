# SPDX-License-Identifier: Apache-2.0
#
# What the checks of build-aux/ share: which files are ours, and how a check
# reports.  Knows no rule itself.

"""The files of the source tree, and how a check reports."""

import os
import sys

FOLDERS = ('.ci', 'Documentation', 'agent', 'build-aux', 'deploy', 'intent',
           'kube', 'lib', 'm4', 'node', 'ovsdb', 'plan', 'rhel', 'schemas',
           'tests', 'utilities')

# What building in the source tree leaves there, and what autotools add.
GENERATED_FOLDERS = ('.deps', '.libs', '__pycache__', 'testsuite.dir',
                     'e2e-testsuite.dir', 'kube-testsuite.dir',
                     'scenes-testsuite.dir', 'system-testsuite.dir')
GENERATED_FILES = (
    '.git', 'Makefile', 'Makefile.in', 'aclocal.m4', 'ar-lib', 'atconfig',
    'atlocal', 'compile', 'config.guess', 'config.sub', 'configure',
    'depcomp', 'egress-config.h', 'egress-idl.c', 'egress-idl.h',
    'install-sh', 'libtool.m4', 'lt~obsolete.m4', 'ltmain.sh', 'ltoptions.m4',
    'ltsugar.m4', 'ltversion.m4', 'missing', 'nb-idl.c', 'nb-idl.h',
    'ovn-egress-agent.service', 'ovn-egress-kube.service',
    'ovn-egress-node.service', 'ovn-egress.spec', 'e2e-testsuite',
    'kube-testsuite', 'package.m4', 'scenes-testsuite', 'system-testsuite',
    'testsuite', 'testsuite.log')

CODE = ('.at', '.c', '.h', '.mk', '.py', '.sh')


def is_data(name):
    """Whether NAME (relative to the tree) is only input or expected output of
    a test: what is in a folder of tests/ and does not look like code."""
    folders = name.split('/')[:-1]
    return (folders[:1] == ['tests'] and len(folders) > 1
            and name != 'tests/fuzz/run' and not name.endswith(CODE))


def text_files(root):
    """Yields the name, relative to ROOT, of every text file of ours."""
    def keep(folder, name):
        path = os.path.join(folder, name)
        return (name not in GENERATED_FILES and not name.endswith('~')
                and os.path.isfile(path) and is_text(path))

    for name in sorted(os.listdir(root)):
        if keep(root, name) and not name.startswith(('config.', 'libtool')):
            yield name
    for folder in FOLDERS:
        for base, dirs, names in os.walk(os.path.join(root, folder)):
            dirs[:] = sorted(d for d in dirs if d not in GENERATED_FOLDERS)
            for name in sorted(names):
                if keep(base, name):
                    yield os.path.relpath(os.path.join(base, name), root)


def is_text(path):
    """Whether the file PATH has only text in UTF-8."""
    try:
        with open(path, encoding='utf-8') as file:
            return '\0' not in file.read()
    except UnicodeDecodeError:
        return False


def lines_of(root, name):
    """The lines of file NAME in ROOT, without their ends."""
    with open(os.path.join(root, name), encoding='utf-8') as file:
        return file.read().split('\n')[:-1]


def nm():
    """The command that lists symbols, as the words of a command line."""
    return os.environ.get('NM', 'nm').split()


def finish(problems):
    """Prints the problems and exits with what "make" has to know."""
    problems = list(problems)
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
