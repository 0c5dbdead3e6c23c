# The journal by itself: files, without the control plane.
file(GLOB journal_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/control/store/*.c)
add_library(journal_tested STATIC EXCLUDE_FROM_ALL ${journal_sources} journal_fixture.c)
target_link_libraries(journal_tested PUBLIC sluice_core sluice_failing PkgConfig::CMOCKA)
foreach(part "" _faults _random)
  sluice_test(journal${part} SOURCES journal${part}.c LIBRARIES journal_tested)
endforeach()
# The reader as a fuzzer drives it. As an ordinary test it reads mutations of its own corpus; with clang's libFuzzer it is
# built by -fsanitize=fuzzer and without the file's main().
sluice_test(journal_fuzz SOURCES journal_fuzz.c LIBRARIES journal_tested)
