sluice_test(rpc SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc.c ${CMAKE_CURRENT_LIST_DIR}/rpc_fake.c ${CMAKE_CURRENT_LIST_DIR}/prober_fake.c
  ${CMAKE_CURRENT_LIST_DIR}/streams_fake.c
  LIBRARIES sluice_rpc sluice_client)
