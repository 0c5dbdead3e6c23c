sluice_test(rpc SOURCES ${CMAKE_CURRENT_LIST_DIR}/rpc.c ${CMAKE_CURRENT_LIST_DIR}/rpc_fake.c
  LIBRARIES sluice_rpc sluice_rpc_client)
set_tests_properties(rpc PROPERTIES ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
