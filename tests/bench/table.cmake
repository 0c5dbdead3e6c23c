# Prints prefixes with the real table's distribution of lengths, for where that is absent.
add_executable(bench_table ${CMAKE_CURRENT_LIST_DIR}/table.c ${CMAKE_SOURCE_DIR}/tests/unit/internet.c)
target_link_libraries(bench_table PRIVATE sluice_core)
target_compile_definitions(bench_table PRIVATE SLUICE_PREFIXES="/nonexistent")
