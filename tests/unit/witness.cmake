sluice_test(witness SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/witness.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/witness.c
  LIBRARIES sluice_core)
# The test says which CPUs are online, and whether the kernel is a real-time one.
target_link_options(test_witness PRIVATE -Wl,--wrap=pread -Wl,--wrap=uname)
