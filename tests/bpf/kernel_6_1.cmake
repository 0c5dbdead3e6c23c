# The same cases on the oldest kernel that Sluice supports, in a guest without KVM, where large tables take minutes: they
# are met by some of the cases. Skipped where there is no QEMU or no package.
add_test(NAME bpf_kernel_6_1
  COMMAND ${CMAKE_CURRENT_LIST_DIR}/kernel_6_1.sh ${CMAKE_CURRENT_BINARY_DIR}/kernel_6_1 "$<TARGET_FILE:test_bpf_router> --brief")
set_tests_properties(bpf_kernel_6_1 PROPERTIES LABELS bpf SKIP_RETURN_CODE 77 TIMEOUT 900)
