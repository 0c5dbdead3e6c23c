# Two programs of the FIB engine: exactness, and limits.
file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c)
foreach(test fib fib_limits)
  sluice_test(${test}
    SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/${test}.c ${CMAKE_CURRENT_SOURCE_DIR}/fib_bench.c
      ${CMAKE_CURRENT_SOURCE_DIR}/fib_naive.c ${CMAKE_CURRENT_SOURCE_DIR}/internet.c
      ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${fib_sources})
  target_compile_definitions(test_${test} PRIVATE
    SLUICE_PREFIXES="${CMAKE_SOURCE_DIR}/../shared/data/internet-prefixes.txt.gz")
  # A million lookups are compared one by one: worth optimising, also in a debug build.
  target_compile_options(test_${test} PRIVATE -O2)
endforeach()
# Its memory can be made to run out.
target_link_options(test_fib_limits PRIVATE -Wl,--wrap=calloc)
