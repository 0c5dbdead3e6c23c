# What 6.1 would refuse at once, told without it.
find_program(LLVM_OBJDUMP NAMES llvm-objdump-14 llvm-objdump REQUIRED)
get_property(router_objects GLOBAL PROPERTY SLUICE_BPF_OBJECTS)
add_test(NAME bpf_loops COMMAND ${CMAKE_CURRENT_LIST_DIR}/loops.py ${LLVM_OBJDUMP} ${router_objects})
set_tests_properties(bpf_loops PROPERTIES LABELS bpf TIMEOUT 60)
