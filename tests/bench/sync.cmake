# What a disk's fdatasync takes, beside durable commits.
add_executable(bench_sync ${CMAKE_CURRENT_LIST_DIR}/sync.c)
