# The spec, its certificates, domains on libvirt's test driver, the seed, and heal: nothing of this machine is touched.
sluice_test(orchestration_spec SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_spec.c LIBRARIES sluice_orchestration)
sluice_test(orchestration_tls SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_tls.c LIBRARIES sluice_orchestration)
sluice_test(orchestration_libvirt SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_libvirt.c
  LIBRARIES sluice_orchestration)
sluice_test(orchestration_serving SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_serving.c ${CMAKE_CURRENT_LIST_DIR}/prober_fake.c
  ${CMAKE_CURRENT_LIST_DIR}/streams_fake.c
  LIBRARIES sluice_orchestration sluice_rpc)
sluice_test(orchestration_heal SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_heal.c LIBRARIES sluice_orchestration)
foreach(function progress_now interrupted event_add readiness_health readiness_system lifecycle_read)
  target_link_options(test_orchestration_heal PRIVATE -Wl,--wrap=${function})
endforeach()
sluice_test(orchestration_memory SOURCES ${CMAKE_CURRENT_LIST_DIR}/orchestration_memory.c
  LIBRARIES sluice_orchestration sluice_failing)
