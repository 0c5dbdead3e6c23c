set(fixture ${CMAKE_CURRENT_LIST_DIR}/sources_fixture.c ${CMAKE_CURRENT_LIST_DIR}/sources_kernel_text.c)
foreach(name acknowledge mirror random)
  sluice_test(sources_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_${name}.c ${fixture}
    LIBRARIES sluice_sources PkgConfig::JSON_C)
  set_tests_properties(sources_${name} PROPERTIES SKIP_RETURN_CODE 77)
endforeach()
sluice_test(sources_table SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_table.c LIBRARIES sluice_sources sluice_failing)
