sluice_test(flow_salt SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/flow_salt.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/flow_salt.c
  ${CMAKE_SOURCE_DIR}/vnf/core/log.c ${CMAKE_SOURCE_DIR}/vnf/core/text.c)
