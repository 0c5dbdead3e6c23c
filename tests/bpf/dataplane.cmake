# The daemon's side of the program: loading, attaching, flipping, counting.
sluice_test(dataplane SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/dataplane.c LIBRARIES sluice_dataplane PkgConfig::LIBBPF)
set_tests_properties(dataplane PROPERTIES SKIP_RETURN_CODE 77)
