# bench_service_connections: new TCP connections a second through what service.sh puts in between.
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_service_connections)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/service_connections.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/service_connections.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_service_connections > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
add_executable(bench_service_connections service_connections.c ${object}.skel.h)
target_include_directories(bench_service_connections PRIVATE ${CMAKE_CURRENT_BINARY_DIR} ${CMAKE_SOURCE_DIR})
target_compile_options(bench_service_connections PRIVATE -Wno-missing-field-initializers)
target_link_libraries(bench_service_connections PRIVATE PkgConfig::LIBBPF)
