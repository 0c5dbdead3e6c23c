sluice_test(announce
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/announce.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/kernel/announce.c
  LIBRARIES sluice_core)
