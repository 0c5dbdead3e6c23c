# A feed of route updates, each a commit of its own: by a stream of commits, and by calls.
add_executable(bench_updates ${CMAKE_CURRENT_LIST_DIR}/updates.c)
target_link_libraries(bench_updates PRIVATE sluice_client)
