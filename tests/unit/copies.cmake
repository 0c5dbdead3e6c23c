sluice_test(copies SOURCES ${CMAKE_CURRENT_LIST_DIR}/copies.c ${CMAKE_SOURCE_DIR}/vnf/copies/destination.c
  ${CMAKE_SOURCE_DIR}/vnf/copies/flow.c ${CMAKE_SOURCE_DIR}/vnf/copies/target.c LIBRARIES sluice_core sluice_failing)
