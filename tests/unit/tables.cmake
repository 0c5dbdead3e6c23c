sluice_test(tables SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/tables.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/bank.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/limits.c ${CMAKE_SOURCE_DIR}/vnf/reconcile/bank_hash.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/bank_writer.c)
sluice_test(limits SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/limits.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/bank.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/limits.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/xdp/maps.c)
