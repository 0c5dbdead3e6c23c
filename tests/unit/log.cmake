sluice_test(log SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/log.c ${CMAKE_SOURCE_DIR}/vnf/core/log.c ${CMAKE_SOURCE_DIR}/vnf/core/text.c LIBRARIES PkgConfig::JSON_C)
