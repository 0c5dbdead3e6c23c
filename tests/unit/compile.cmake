# What reconcile and the features' tables need besides the kernel, the dataplane and the control plane, which are fakes.
file(GLOB reconcile_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/reconcile/*.c)
file(GLOB kind_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/control/kinds/*.c
  ${CMAKE_SOURCE_DIR}/vnf/features/*/*.c
  ${CMAKE_SOURCE_DIR}/vnf/features/*.c)
file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/policy/*.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/service/*.c)
set(table_sources ${kind_sources} ${CMAKE_SOURCE_DIR}/vnf/control/state/events.c ${CMAKE_SOURCE_DIR}/vnf/control/state/candidates.c
    ${CMAKE_SOURCE_DIR}/vnf/control/state/pmap.c ${reconcile_sources} ${fib_sources} ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/bank.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/limits.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/connections.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/vips.c
    ${CMAKE_CURRENT_LIST_DIR}/compile_fake.c ${CMAKE_CURRENT_LIST_DIR}/compile_fake_kernel.c
    ${CMAKE_CURRENT_LIST_DIR}/compile_fake_dataplane.c
    ${CMAKE_CURRENT_LIST_DIR}/compile_fake_check.c ${CMAKE_CURRENT_LIST_DIR}/service_fake.c ${CMAKE_CURRENT_LIST_DIR}/compile_run.c ${CMAKE_CURRENT_LIST_DIR}/same_tables.c
    ${CMAKE_CURRENT_LIST_DIR}/same_policy.c)
add_library(reconcile_tested OBJECT EXCLUDE_FROM_ALL ${table_sources})
target_link_libraries(reconcile_tested PUBLIC sluice_proto sluice_core sluice_tunnels PkgConfig::CMOCKA m)
foreach(name compile compile_chains compile_groups compile_health compile_interfaces compile_links compile_members compile_neighbors
    compile_on_dead compile_policy compile_qos compile_service compile_tunnels)
  sluice_test(${name}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${CMAKE_CURRENT_LIST_DIR}/compile_fixture.c
    LIBRARIES reconcile_tested)
endforeach()

foreach(name announced_vips announcements reconciler reconciler_blast reconciler_blast_services reconciler_candidates reconciler_counters
    reconciler_drains reconciler_health reconciler_learning reconciler_pools
    reconciler_pools_random reconciler_proof reconciler_rows reconciler_memory reconciler_random reconciler_cost)
  sluice_test(${name}
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c ${CMAKE_CURRENT_LIST_DIR}/reconciler_fixture.c
    LIBRARIES reconcile_tested)
endforeach()
target_link_options(test_reconciler PRIVATE -Wl,--wrap=fib_set)
target_link_options(test_reconciler_proof PRIVATE -Wl,--wrap=fib_set)
target_link_options(test_reconciler_rows PRIVATE -Wl,--wrap=fib_set -Wl,--wrap=fib_unset -Wl,--wrap=bank_write)
target_link_libraries(test_announcements PRIVATE sluice_failing)
target_link_libraries(test_compile_policy PRIVATE sluice_failing)
target_link_libraries(test_compile_service PRIVATE sluice_failing)
target_link_libraries(test_reconciler_memory PRIVATE sluice_failing)
foreach(name reconciler_blast_services reconciler_drains reconciler_pools reconciler_pools_random)
  target_sources(test_${name} PRIVATE ${CMAKE_CURRENT_LIST_DIR}/pools_fixture.c)
  target_link_libraries(test_${name} PRIVATE sluice_failing)
endforeach()
target_link_libraries(test_reconciler_random PRIVATE sluice_failing)
target_link_options(test_reconciler_random PRIVATE -Wl,--wrap=undo_log_set)
target_link_options(test_reconciler_cost PRIVATE -Wl,--wrap=id_array_get -Wl,--wrap=undo_log_set
  -Wl,--wrap=bank_write)
target_sources(test_reconciler_random PRIVATE ${CMAKE_CURRENT_LIST_DIR}/random_changes.c
  ${CMAKE_CURRENT_LIST_DIR}/random_candidates.c ${CMAKE_CURRENT_LIST_DIR}/random_services.c ${CMAKE_CURRENT_LIST_DIR}/random_policy.c)
