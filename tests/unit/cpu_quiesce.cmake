sluice_test(cpu_quiesce
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/cpu_quiesce.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/quiesce/cpu_quiesce.c
  LIBRARIES sluice_core)
# The test says which CPUs are online, and whether the kernel is a real-time one.
target_link_options(test_cpu_quiesce PRIVATE -Wl,--wrap=pread -Wl,--wrap=uname)
