sluice_test(tables SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/tables.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/hash.c)
