sluice_test(tables SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/tables.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/hash.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/limits.c)
sluice_test(limits SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/limits.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/limits.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/xdp/maps.c)
