sluice_test(loader SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/loader.c LIBRARIES sluice_dataplane PkgConfig::LIBBPF)
