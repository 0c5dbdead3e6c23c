# bench_forward: the router's XDP program in a veth lab, next to the kernel and to a bare redirect. forward.sh runs it.
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_forward)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/forward.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/forward.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_forward > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
add_executable(bench_forward forward.c forward_frames.c forward_lab.c forward_peer.c forward_router.c forward_traffic.c
  ${object}.skel.h ${CMAKE_SOURCE_DIR}/tests/unit/internet.c)
target_include_directories(bench_forward PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_compile_definitions(bench_forward PRIVATE
  SLUICE_PREFIXES="${CMAKE_SOURCE_DIR}/../shared/data/internet-prefixes.txt.gz")
target_compile_options(bench_forward PRIVATE -Wno-missing-field-initializers)
target_link_libraries(bench_forward PRIVATE sluice_dataplane PkgConfig::LIBBPF m)
