# bench_fib: the FIB, in BPF, next to the kernel's LPM_TRIE and, where libdpdk is installed, DPDK's rte_fib.
file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c)
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_fib)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/fib.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fib.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_fib > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
pkg_check_modules(DPDK libdpdk QUIET)
if(DPDK_FOUND AND NOT SLUICE_SANITIZE)
  set(peer fib_peer_dpdk.c)
else()
  set(peer fib_peer_none.c)
endif()
add_executable(bench_fib fib.c ${peer} ${object}.skel.h ${CMAKE_SOURCE_DIR}/tests/unit/internet.c
  ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${fib_sources})
target_include_directories(bench_fib PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_compile_definitions(bench_fib PRIVATE
  SLUICE_PREFIXES="${CMAKE_SOURCE_DIR}/../shared/data/internet-prefixes.txt.gz")
target_link_libraries(bench_fib PRIVATE PkgConfig::LIBBPF m)
if(peer STREQUAL fib_peer_dpdk.c)
  # Its flags are for its own file only; -O2 as its headers inline the look-up's call.
  set_source_files_properties(fib_peer_dpdk.c PROPERTIES COMPILE_OPTIONS "${DPDK_CFLAGS};-O2")
  target_link_libraries(bench_fib PRIVATE rte_fib rte_eal)
endif()
