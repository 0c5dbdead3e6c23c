# Ten thousand addresses looked up by the engine and by the kernel's own FIB.
file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c)
sluice_test(fib_kernel
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/fib_kernel.c ${CMAKE_SOURCE_DIR}/tests/unit/internet.c
    ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${fib_sources})
target_compile_definitions(test_fib_kernel PRIVATE
  SLUICE_PREFIXES="${CMAKE_SOURCE_DIR}/../shared/data/internet-prefixes.txt.gz")
