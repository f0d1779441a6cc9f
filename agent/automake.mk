# SPDX-License-Identifier: Apache-2.0
#
# ovn-egress-agent: from manifests to OVN_Northbound.

bin_PROGRAMS += agent/ovn-egress-agent
agent_ovn_egress_agent_SOURCES = \
	agent/agent-database.c \
	agent/agent-database.h \
	agent/agent-plan.c \
	agent/agent-plan.h \
	agent/agent-step.c \
	agent/agent-step.h \
	agent/agent-topology.c \
	agent/agent-topology.h \
	agent/agent-unixctl.c \
	agent/agent.c \
	agent/agent.h \
	agent/ovn-egress-agent.c
agent_ovn_egress_agent_CPPFLAGS = $(OVS_CPPFLAGS)
agent_ovn_egress_agent_LDFLAGS = $(PROGRAM_LINK)
agent_ovn_egress_agent_LDADD = $(EGRESS_LIBS)
