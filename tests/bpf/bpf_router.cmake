# The XDP program, case by case over BPF_PROG_TEST_RUN.
set(bpf_router_sources main.c rig.c world.c frames.c parse.c forward.c group.c decap.c encap.c chain.c truncate.c commit.c)
list(TRANSFORM bpf_router_sources PREPEND ${CMAKE_CURRENT_LIST_DIR}/router/)
sluice_test(bpf_router
  SOURCES ${bpf_router_sources}
    ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib_node.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib_pool.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib_root.c
  LIBRARIES sluice_bpf PkgConfig::LIBBPF)
# Tables of cases leave out what has its usual value.
target_compile_options(test_bpf_router PRIVATE -Wno-missing-field-initializers)
set_tests_properties(bpf_router PROPERTIES SKIP_RETURN_CODE 77)
