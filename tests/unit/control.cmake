# The control plane without the program and the dataplane, which the fixture plays.
file(GLOB control_sources CONFIGURE_DEPENDS
  ${CMAKE_SOURCE_DIR}/vnf/control/*.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/limits.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/connections.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/heaviest.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/vips.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/xdp/attach_choose.c
  ${CMAKE_SOURCE_DIR}/vnf/control/kinds/*.c
  ${CMAKE_SOURCE_DIR}/vnf/observe/latency*.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/facts.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/health.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/health_entry.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/health_file.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/id_array.c
  ${CMAKE_SOURCE_DIR}/vnf/reconcile/undo_log.c
  ${CMAKE_SOURCE_DIR}/vnf/features/*.c
  ${CMAKE_SOURCE_DIR}/vnf/features/*/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/state/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/commit/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/store/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/read/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/rehearsal/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/seen/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/taps/*.c
  ${CMAKE_SOURCE_DIR}/vnf/control/sources/*.c)
add_library(control_tested STATIC EXCLUDE_FROM_ALL ${control_sources} control_fixture.c
  control_fixture_dataplane.c control_fixture_health.c control_fixture_mirror.c control_fixture_observer.c control_fixture_text.c control_journal_fixture.c control_history_fixture.c control_probe.c)
target_link_libraries(control_tested PUBLIC sluice_proto sluice_access sluice_core sluice_copies sluice_tunnels sluice_failing PkgConfig::CMOCKA)

foreach(part rehearsal measures verdicts watch rules fallback policy services sources taps tunnels limits writes writer replace together together_random transactions reads journal
    journal_faults journal_requests elections gather memory threads history history_faults history_random)
  sluice_test(control_${part} SOURCES control_${part}.c LIBRARIES control_tested)
endforeach()
# The wall clock that a confirmation's time is kept by.
target_link_options(control_tested INTERFACE -Wl,--wrap=clock_gettime)
# What is seen of packets.
foreach(part seen seen_filter seen_frames seen_stream latency_stream)
  sluice_test(control_${part} SOURCES control_${part}.c LIBRARIES control_tested)
endforeach()
