# The FIB in BPF against the kernel's LPM_TRIE.
file(GLOB fib_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/dataplane/fib/*.c)
set(oracle ${CMAKE_CURRENT_BINARY_DIR}/fib_oracle)
add_custom_command(
  OUTPUT ${oracle}.bpf.o
  COMMAND ${BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Werror -I${CMAKE_SOURCE_DIR}
          -idirafter /usr/include/${CMAKE_LIBRARY_ARCHITECTURE} -MD -MF ${oracle}.bpf.o.d -MT ${oracle}.bpf.o
          -c ${CMAKE_CURRENT_SOURCE_DIR}/fib_oracle.bpf.c -o ${oracle}.bpf.o
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/fib_oracle.bpf.c
  DEPFILE ${oracle}.bpf.o.d)
add_custom_command(
  OUTPUT ${oracle}.skel.h
  COMMAND ${BPFTOOL} gen skeleton ${oracle}.bpf.o name fib_oracle > ${oracle}.skel.h
  DEPENDS ${oracle}.bpf.o)
sluice_test(fib_oracle
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/fib_oracle.c ${oracle}.skel.h ${CMAKE_SOURCE_DIR}/tests/unit/internet.c
    ${CMAKE_SOURCE_DIR}/vnf/core/address.c ${fib_sources}
  LIBRARIES PkgConfig::LIBBPF)
target_include_directories(test_fib_oracle PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
target_compile_definitions(test_fib_oracle PRIVATE
  SLUICE_PREFIXES="${CMAKE_SOURCE_DIR}/../shared/data/internet-prefixes.txt.gz")
set_tests_properties(fib_oracle PROPERTIES SKIP_RETURN_CODE 77)
