# The journal by itself: files, without the control plane.
file(GLOB journal_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/control/store/*.c)
add_library(journal_tested STATIC EXCLUDE_FROM_ALL ${journal_sources} journal_fixture.c)
target_link_libraries(journal_tested PUBLIC sluice_core sluice_failing PkgConfig::CMOCKA)
foreach(part "" _faults _random)
  sluice_test(journal${part} SOURCES journal${part}.c LIBRARIES journal_tested)
endforeach()
