sluice_test(address SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/address.c ${CMAKE_SOURCE_DIR}/vnf/core/address.c)
