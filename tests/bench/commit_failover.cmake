# From a group's change to the first packet by its other member, with packets.
add_executable(bench_commit_failover ${CMAKE_CURRENT_LIST_DIR}/commit_failover.c)
target_link_libraries(bench_commit_failover PRIVATE sluice_client Threads::Threads)
