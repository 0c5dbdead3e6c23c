sluice_test(rpc_hostile SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc_hostile.c ${CMAKE_CURRENT_LIST_DIR}/rpc_fake.c ${CMAKE_CURRENT_LIST_DIR}/prober_fake.c
  ${CMAKE_CURRENT_LIST_DIR}/streams_fake.c
  LIBRARIES sluice_rpc sluice_client)
