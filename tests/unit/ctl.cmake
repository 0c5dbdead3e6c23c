# sluicectl itself, run against the real services with a control plane that only remembers.
foreach(test ctl ctl_complete ctl_connections ctl_delete ctl_load ctl_packets ctl_sources ctl_stream ctl_watch)
  sluice_test(${test}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/${test}.c ${CMAKE_CURRENT_LIST_DIR}/ctl_fixture.c
    ${CMAKE_CURRENT_LIST_DIR}/ctl_fake.c ${CMAKE_CURRENT_LIST_DIR}/ctl_fake_state.c
    ${CMAKE_CURRENT_LIST_DIR}/ctl_fake_history.c ${CMAKE_CURRENT_LIST_DIR}/ctl_fake_packets.c
    ${CMAKE_CURRENT_LIST_DIR}/ctl_fake_watch.c ${CMAKE_CURRENT_LIST_DIR}/prober_fake.c
    LIBRARIES sluice_rpc sluice_ctl)
  target_compile_definitions(test_${test} PRIVATE SLUICECTL="$<TARGET_FILE:sluicectl>"
    SLUICE_ORCH="$<TARGET_FILE:sluice-orch>" COMPLETION="${CMAKE_SOURCE_DIR}/vnf/ctl/completion/sluice.bash")
  add_dependencies(test_${test} sluicectl sluice-orch)
endforeach()
