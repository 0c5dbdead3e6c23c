# What one change costs, in this process: the daemon's control plane over the unit tests' kernel and dataplane.
add_executable(bench_commit_kinds ${CMAKE_CURRENT_LIST_DIR}/commit_kinds.c
  ${CMAKE_CURRENT_LIST_DIR}/commit_kinds_world.c ${CMAKE_SOURCE_DIR}/tests/unit/compile_fake_kernel.c
  ${CMAKE_SOURCE_DIR}/tests/unit/compile_fake_dataplane.c ${CMAKE_SOURCE_DIR}/tests/unit/observer_fake.c)
target_link_libraries(bench_commit_kinds PRIVATE sluice_control)
