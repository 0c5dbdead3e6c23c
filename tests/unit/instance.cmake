sluice_test(instance SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/instance.c ${CMAKE_SOURCE_DIR}/vnf/core/instance.c
  LIBRARIES sluice_core)
