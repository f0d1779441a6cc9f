# SPDX-License-Identifier: Apache-2.0
#
# What tests/uml/build-kernel changes in arch/x86/um of the kernel's source.
# A processor with AMX has some 11,000 bytes of vector registers.  Linux takes
# them from ptrace(2) in this size only; user-mode-linux before 6.13 knows no
# more than 2,696 bytes, and its first process dies of that.

# user-offsets.c: room for them.
s/HOST_FP_SIZE, 2696/HOST_FP_SIZE, 12288/

# os-Linux/registers.c: as many as this processor has.
s/^int have_xstate_support;/&\nstatic unsigned long xstate_size = FP_SIZE * sizeof(unsigned long);/
s/iov_len = FP_SIZE \* sizeof(unsigned long);/iov_len = xstate_size;/
s/^\t\t\(have_xstate_support = 1;\)/\t{\n\t\t\1\n\t\txstate_size = iov.iov_len;\n\t}/
