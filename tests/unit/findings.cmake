sluice_test(findings SOURCES findings.c ${CMAKE_SOURCE_DIR}/vnf/control/read/findings.c
  ${CMAKE_SOURCE_DIR}/vnf/control/kinds/encode.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/xdp/attach_choose.c LIBRARIES sluice_proto sluice_core)
