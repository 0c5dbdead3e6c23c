sluice_test(limiter SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/limiter.c)
target_compile_options(test_limiter PRIVATE -O2)
