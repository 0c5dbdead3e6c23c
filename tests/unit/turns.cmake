sluice_test(turns SOURCES ${CMAKE_CURRENT_LIST_DIR}/turns.c LIBRARIES sluice_rpc)
sluice_test(unix_peers SOURCES ${CMAKE_CURRENT_LIST_DIR}/unix_peers.c LIBRARIES sluice_rpc sluice_failing)
