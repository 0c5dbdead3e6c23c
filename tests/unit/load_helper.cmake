sluice_test(load_helper SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/load_helper.c LIBRARIES sluice_dataplane PkgConfig::LIBBPF)
