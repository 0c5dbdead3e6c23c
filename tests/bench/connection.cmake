# bench_connection: the table of connections, in BPF, next to the kernel's LRU hash.
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_connection)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_LIST_DIR}/connection.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/connection.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_connection > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
add_executable(bench_connection ${CMAKE_CURRENT_LIST_DIR}/connection.c ${CMAKE_SOURCE_DIR}/tests/bpf/own_program.c
  ${object}.skel.h)
target_include_directories(bench_connection PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(bench_connection PRIVATE sluice_dataplane PkgConfig::LIBBPF PkgConfig::CMOCKA)
