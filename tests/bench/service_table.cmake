# Tables of pools: in this process, over the unit tests' kernel and dataplane.
add_executable(bench_service_table ${CMAKE_CURRENT_LIST_DIR}/service_table.c
  ${CMAKE_CURRENT_LIST_DIR}/service_table_commits.c ${CMAKE_SOURCE_DIR}/tests/unit/compile_fake_kernel.c
  ${CMAKE_SOURCE_DIR}/tests/unit/compile_fake_dataplane.c ${CMAKE_SOURCE_DIR}/tests/unit/observer_fake.c)
target_link_libraries(bench_service_table PRIVATE sluice_control)
