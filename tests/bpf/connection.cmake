# Connections in the kernel: each packet of theirs, what floods leave of them, and two CPUs at once.
set(connection ${CMAKE_CURRENT_BINARY_DIR}/connection)
add_custom_command(
  OUTPUT ${connection}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${connection}.bpf.o.d -MT ${connection}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/connection.bpf.c -o ${connection}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/connection.bpf.c
  DEPFILE ${connection}.bpf.o.d)
add_custom_command(
  OUTPUT ${connection}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${connection}.bpf.o name connection_bpf > ${connection}.skel.h
  DEPENDS ${connection}.bpf.o)
sluice_test(connection
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/connection.c ${CMAKE_CURRENT_SOURCE_DIR}/connection_rig.c
    ${CMAKE_CURRENT_SOURCE_DIR}/connection_tcp.c ${CMAKE_CURRENT_SOURCE_DIR}/connection_other.c
    ${CMAKE_CURRENT_SOURCE_DIR}/connection_table.c ${CMAKE_CURRENT_SOURCE_DIR}/own_program.c ${CMAKE_CURRENT_SOURCE_DIR}/router/frames.c ${connection}.skel.h
  LIBRARIES sluice_dataplane PkgConfig::LIBBPF)
target_include_directories(test_connection PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_compile_options(test_connection PRIVATE -Wno-missing-field-initializers)
set_tests_properties(connection PROPERTIES SKIP_RETURN_CODE 77)
