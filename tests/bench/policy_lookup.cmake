# bench_policy_lookup: the policy's look-up, in BPF, next to DPDK's rte_acl where dpdk-test-acl is installed.
file(GLOB policy_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/policy/*.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/*.c)
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_policy_lookup)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/policy_lookup.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/policy_lookup.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_policy_lookup > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
add_executable(bench_policy_lookup policy_lookup.c ${object}.skel.h ${CMAKE_SOURCE_DIR}/tests/unit/classbench.c
  ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${policy_sources})
target_include_directories(bench_policy_lookup PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_compile_definitions(bench_policy_lookup PRIVATE SLUICE_DATA="${CMAKE_SOURCE_DIR}/../shared/data")
target_link_libraries(bench_policy_lookup PRIVATE PkgConfig::LIBBPF)
