sluice_test(error SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/error.c ${CMAKE_SOURCE_DIR}/vnf/core/error.c
  ${CMAKE_SOURCE_DIR}/vnf/core/text.c)
