# Nobody catches half a commit.
set(half ${CMAKE_CURRENT_BINARY_DIR}/half_commit)
add_custom_command(
  OUTPUT ${half}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${half}.bpf.o.d -MT ${half}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/half_commit.bpf.c -o ${half}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/half_commit.bpf.c
  DEPFILE ${half}.bpf.o.d)
add_custom_command(
  OUTPUT ${half}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${half}.bpf.o name half_commit > ${half}.skel.h
  DEPENDS ${half}.bpf.o)
sluice_test(half_commit
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/half_commit.c ${CMAKE_CURRENT_SOURCE_DIR}/half_commit_config.c ${half}.skel.h
  LIBRARIES sluice_control PkgConfig::LIBBPF)
target_include_directories(test_half_commit PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_link_options(test_half_commit PRIVATE -Wl,--wrap=dataplane_wait_readers -Wl,--wrap=cpu_quiesce_start
  -Wl,--wrap=pending_updates_publish)
set_tests_properties(half_commit PROPERTIES SKIP_RETURN_CODE 77)
