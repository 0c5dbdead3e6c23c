sluice_test(health
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/health.c ${CMAKE_SOURCE_DIR}/vnf/reconcile/health.c
    ${CMAKE_SOURCE_DIR}/vnf/reconcile/health_entry.c ${CMAKE_SOURCE_DIR}/vnf/reconcile/health_file.c
    ${CMAKE_SOURCE_DIR}/vnf/reconcile/facts.c ${CMAKE_SOURCE_DIR}/vnf/reconcile/id_array.c
    ${CMAKE_SOURCE_DIR}/vnf/reconcile/undo_log.c
  LIBRARIES sluice_core sluice_failing)
