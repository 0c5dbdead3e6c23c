set(fixture ${CMAKE_CURRENT_LIST_DIR}/sources_fixture.c ${CMAKE_CURRENT_LIST_DIR}/sources_kernel_text.c)
sluice_test(sources_mirror SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_mirror.c ${fixture}
  LIBRARIES sluice_sources PkgConfig::JSON_C)
set_tests_properties(sources_mirror PROPERTIES SKIP_RETURN_CODE 77)
