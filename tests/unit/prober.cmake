# What sluice-health is made of, without sockets.
sluice_test(prober
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/prober.c ${CMAKE_SOURCE_DIR}/vnf/health/codes.c ${CMAKE_SOURCE_DIR}/vnf/health/panic.c
    ${CMAKE_SOURCE_DIR}/vnf/health/verdict.c ${CMAKE_SOURCE_DIR}/vnf/health/weights.c)
sluice_test(bfd SOURCES ${CMAKE_CURRENT_LIST_DIR}/bfd.c ${CMAKE_SOURCE_DIR}/vnf/health/bfd_session.c)
