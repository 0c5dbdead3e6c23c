foreach(test web web_hostile)
  sluice_test(${test} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${test}.c ${CMAKE_CURRENT_LIST_DIR}/web_fixture.c
    LIBRARIES sluice_web PkgConfig::LIBEVENT)
endforeach()
sluice_test(web_accept SOURCES ${CMAKE_CURRENT_LIST_DIR}/web_accept.c ${CMAKE_SOURCE_DIR}/vnf/web/http/accept.c)
sluice_test(web_metrics SOURCES ${CMAKE_CURRENT_LIST_DIR}/web_metrics.c ${CMAKE_SOURCE_DIR}/vnf/web/metrics/text.c
  LIBRARIES sluice_failing)
