# Maps that outlive the daemon, and what of them the next one uses.
sluice_test(kept_maps SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/kept_maps.c LIBRARIES sluice_dataplane PkgConfig::LIBBPF)
set_tests_properties(kept_maps PROPERTIES SKIP_RETURN_CODE 77)
