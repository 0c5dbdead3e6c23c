# sluicectl itself, run against the real services with a control plane that only remembers.
sluice_test(ctl
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/ctl.c ${CMAKE_CURRENT_LIST_DIR}/ctl_fixture.c ${CMAKE_CURRENT_LIST_DIR}/ctl_fake.c
  ${CMAKE_CURRENT_LIST_DIR}/ctl_fake_state.c
  LIBRARIES sluice_rpc sluice_ctl)
target_compile_definitions(test_ctl PRIVATE SLUICECTL="$<TARGET_FILE:sluicectl>")
add_dependencies(test_ctl sluicectl)
