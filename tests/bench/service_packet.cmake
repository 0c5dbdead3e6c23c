# bench_service_packet: a packet of a known flow, through Sluice and through Katran's program.
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_service_packet)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/service_packet.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/service_packet.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_service_packet > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
add_executable(bench_service_packet service_packet.c service_katran.c ${object}.skel.h)
target_include_directories(bench_service_packet PRIVATE ${CMAKE_CURRENT_BINARY_DIR} ${CMAKE_SOURCE_DIR})
target_compile_options(bench_service_packet PRIVATE -Wno-missing-field-initializers)
target_link_libraries(bench_service_packet PRIVATE PkgConfig::LIBBPF)
