# The spec, domains on libvirt's test driver, and the seed: nothing of this machine is touched.
sluice_test(orchestration_spec SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_spec.c LIBRARIES sluice_orchestration)
sluice_test(orchestration_libvirt SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_libvirt.c
  LIBRARIES sluice_orchestration)
