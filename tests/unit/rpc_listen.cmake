sluice_test(rpc_listen SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc_listen.c LIBRARIES sluice_rpc sluice_client)
