sluice_test(findings SOURCES findings.c ${CMAKE_SOURCE_DIR}/vnf/control/read/findings.c
  ${CMAKE_SOURCE_DIR}/vnf/control/kinds/encode.c LIBRARIES sluice_proto sluice_core)
