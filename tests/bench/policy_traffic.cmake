# bench_policy_traffic: flows through a router that policy_forward.py has set up.
set(object ${CMAKE_CURRENT_BINARY_DIR}/bench_policy_traffic)
add_custom_command(
  OUTPUT ${object}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${object}.bpf.o.d -MT ${object}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/policy_traffic.bpf.c -o ${object}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/policy_traffic.bpf.c
  DEPFILE ${object}.bpf.o.d)
add_custom_command(
  OUTPUT ${object}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${object}.bpf.o name bench_policy_traffic > ${object}.skel.h
  DEPENDS ${object}.bpf.o)
add_executable(bench_policy_traffic policy_traffic.c ${object}.skel.h)
target_include_directories(bench_policy_traffic PRIVATE ${CMAKE_CURRENT_BINARY_DIR} ${CMAKE_SOURCE_DIR})
target_compile_options(bench_policy_traffic PRIVATE -Wno-missing-field-initializers)
target_link_libraries(bench_policy_traffic PRIVATE PkgConfig::LIBBPF)
