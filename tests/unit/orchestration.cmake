# The spec, its certificates, domains on libvirt's test driver, and the seed: nothing of this machine is touched.
sluice_test(orchestration_spec SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_spec.c LIBRARIES sluice_orchestration)
sluice_test(orchestration_tls SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_tls.c LIBRARIES sluice_orchestration)
sluice_test(orchestration_libvirt SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_libvirt.c
  LIBRARIES sluice_orchestration)
sluice_test(orchestration_serving SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_serving.c
  LIBRARIES sluice_orchestration sluice_rpc)
sluice_test(orchestration_memory SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_memory.c
  LIBRARIES sluice_orchestration sluice_failing)
