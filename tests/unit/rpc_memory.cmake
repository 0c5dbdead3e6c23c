sluice_test(rpc_memory SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc_memory.c
  LIBRARIES sluice_orchestration sluice_rpc sluice_failing)
