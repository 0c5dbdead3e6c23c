# The packet programs, case by case over BPF_PROG_TEST_RUN; test_bpf_router_cost prints what it costs a packet.
set(router ${CMAKE_CURRENT_LIST_DIR}/router)
set(rig ${router}/rig.c ${router}/rig_check.c ${router}/explain.c ${router}/world.c ${router}/frames.c)
sluice_test(bpf_router
  SOURCES ${rig} ${router}/main.c ${router}/parse.c ${router}/forward.c ${router}/group.c ${router}/decap.c ${router}/decap_plain.c ${router}/checksums.c
    ${router}/encap.c ${router}/checksum.c ${router}/chain.c ${router}/headers.c ${router}/stacks.c ${router}/truncate.c ${router}/answer.c
    ${router}/answer_error.c ${router}/anycast.c ${router}/options.c ${router}/fragment.c ${router}/links.c ${router}/fallback.c ${router}/mss.c ${router}/tunnel_path.c
    ${router}/proxy.c ${router}/policy.c ${router}/policy_rules.c ${router}/policy_facts.c
    ${router}/policy_reject.c ${router}/policy_connection.c ${router}/qos.c ${router}/ddos.c ${router}/service.c ${router}/service_world.c
    ${router}/service_flow.c ${router}/service_nat.c ${router}/service_chain.c ${router}/service_bank.c
    ${router}/commit.c ${router}/observe.c ${router}/explained.c
  LIBRARIES sluice_observe sluice_dataplane sluice_tunnels PkgConfig::LIBBPF m)
set_tests_properties(bpf_router PROPERTIES SKIP_RETURN_CODE 77)

set(cost ${CMAKE_CURRENT_BINARY_DIR}/cost)
add_custom_command(
  OUTPUT ${cost}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${cost}.bpf.o.d -MT ${cost}.bpf.o
          -c ${router}/cost.bpf.c -o ${cost}.bpf.o
  DEPENDS ${router}/cost.bpf.c
  DEPFILE ${cost}.bpf.o.d)
add_custom_command(
  OUTPUT ${cost}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${cost}.bpf.o name cost_bpf > ${cost}.skel.h
  DEPENDS ${cost}.bpf.o)
add_executable(test_bpf_router_cost ${rig} ${router}/cost.c ${router}/cost_service.c ${router}/cost_steer.c
               ${cost}.skel.h)
target_include_directories(test_bpf_router_cost PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(test_bpf_router_cost PRIVATE sluice_observe sluice_dataplane sluice_tunnels PkgConfig::LIBBPF PkgConfig::CMOCKA)

# How exact rates are when all CPUs send.
add_executable(bench_limiter ${rig} ${CMAKE_SOURCE_DIR}/tests/bench/limiter.c ${cost}.skel.h)
target_include_directories(bench_limiter PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(bench_limiter PRIVATE sluice_control sluice_observe PkgConfig::LIBBPF PkgConfig::CMOCKA)

# Tables of cases leave out what has its usual value.
foreach(program test_bpf_router test_bpf_router_cost bench_limiter)
  target_compile_options(${program} PRIVATE -Wno-missing-field-initializers)
endforeach()
