set(sflow_sources agent.c agent_flow.c collectors.c datagram.c drop_code.c link_counters.c samples.c sources.c xdr.c)
list(TRANSFORM sflow_sources PREPEND ${CMAKE_SOURCE_DIR}/vnf/sflow/)
sluice_test(sflow SOURCES ${CMAKE_CURRENT_LIST_DIR}/sflow.c ${CMAKE_CURRENT_LIST_DIR}/sflow_agent.c
  ${CMAKE_CURRENT_LIST_DIR}/sflow_fixture.c ${sflow_sources} LIBRARIES sluice_core Threads::Threads)
sluice_test(sflow_memory SOURCES ${CMAKE_CURRENT_LIST_DIR}/sflow_memory.c ${CMAKE_CURRENT_LIST_DIR}/sflow_fixture.c
  ${sflow_sources} LIBRARIES sluice_core sluice_failing Threads::Threads)
