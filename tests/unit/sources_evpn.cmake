set(fixture ${CMAKE_CURRENT_LIST_DIR}/sources_evpn_fixture.c)
sluice_test(sources_evpn
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_evpn.c ${fixture}
  LIBRARIES sluice_sources PkgConfig::LIBMNL)
sluice_test(sources_evpn_limits
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_evpn_limits.c ${fixture}
  LIBRARIES sluice_sources sluice_failing PkgConfig::LIBMNL)
sluice_test(sources_evpn_kernel
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_evpn_kernel.c
  LIBRARIES sluice_sources PkgConfig::LIBMNL)
set_tests_properties(sources_evpn_kernel PROPERTIES SKIP_RETURN_CODE 77)
sluice_test(sources_evpn_mirror
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/sources_evpn_mirror.c ${CMAKE_CURRENT_LIST_DIR}/sources_fixture.c
          ${CMAKE_CURRENT_LIST_DIR}/sources_kernel_text.c
  LIBRARIES sluice_sources PkgConfig::JSON_C)
set_tests_properties(sources_evpn_mirror PROPERTIES SKIP_RETURN_CODE 77)
