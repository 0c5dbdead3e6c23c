sluice_test(loop SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/loop.c ${CMAKE_SOURCE_DIR}/vnf/core/loop.c LIBRARIES PkgConfig::LIBEVENT Threads::Threads)
