sluice_test(options SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/options.c ${CMAKE_SOURCE_DIR}/vnf/options.c)
