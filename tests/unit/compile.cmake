file(GLOB compile_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/reconcile/compile*.c)
set(compile_sources ${compile_sources} ${CMAKE_SOURCE_DIR}/vnf/reconcile/devices.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/bank.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/hash.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/limits.c
    ${CMAKE_CURRENT_LIST_DIR}/compile_fake.c ${CMAKE_CURRENT_LIST_DIR}/compile_fake_kernel.c)
foreach(name compile compile_chains compile_groups)
  sluice_test(${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${compile_sources} LIBRARIES sluice_core m)
endforeach()

file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c)
file(GLOB reconciler_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/reconcile/[dnr]*.c)
list(REMOVE_ITEM reconciler_sources ${CMAKE_SOURCE_DIR}/vnf/reconcile/devices.c) # among the above
foreach(name reconciler reconciler_rows reconciler_memory)
  sluice_test(${name}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${CMAKE_CURRENT_LIST_DIR}/reconciler_fixture.c ${compile_sources}
            ${reconciler_sources} ${fib_sources}
    LIBRARIES sluice_core m)
endforeach()
target_link_options(test_reconciler PRIVATE -Wl,--wrap=fib_set)
target_link_options(test_reconciler_rows PRIVATE -Wl,--wrap=fib_set -Wl,--wrap=fib_unset -Wl,--wrap=compile_write)
target_link_libraries(test_reconciler_memory PRIVATE sluice_failing)
