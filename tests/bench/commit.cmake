# One-route commits as a controller makes them: gRPC clients in C, one a thread.
add_executable(bench_commit ${CMAKE_CURRENT_LIST_DIR}/commit.c)
target_link_libraries(bench_commit PRIVATE sluice_client Threads::Threads)
