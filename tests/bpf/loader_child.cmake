# The child that loads programs for a daemon without the right to.
sluice_test(loader_child SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/loader_child.c LIBRARIES sluice_dataplane PkgConfig::LIBBPF)
set_tests_properties(loader_child PROPERTIES SKIP_RETURN_CODE 77)
