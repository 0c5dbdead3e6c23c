# The handler of WriteStream over the real control plane, with the call played by the test.
sluice_test(write_stream
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/write_stream.c ${CMAKE_SOURCE_DIR}/vnf/rpc/services/write_stream.c
    ${CMAKE_SOURCE_DIR}/vnf/rpc/services/commit_answer.c ${CMAKE_SOURCE_DIR}/vnf/rpc/status.c
  LIBRARIES control_tested sluice_wire)
