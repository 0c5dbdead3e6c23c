# The daemon's view of the connections that packets follow: read, forgotten, aged.
sluice_test(connections
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/connections.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/connections.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/vips.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/sweep.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/sweeper.c
  LIBRARIES sluice_core PkgConfig::LIBEVENT)
target_compile_options(test_connections PRIVATE -Wno-missing-field-initializers)
# The same of services.
sluice_test(service_connections
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_connections.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/connections.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/vips.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/sweep.c
  LIBRARIES sluice_core)
sluice_test(service_filters
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_filters.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/connections.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/vips.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/sweep.c
  LIBRARIES sluice_core)
target_compile_options(test_service_connections PRIVATE -Wno-missing-field-initializers)
sluice_test(member_counts
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/member_counts.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
  LIBRARIES sluice_core)
# Who holds most of them.
sluice_test(connections_heaviest
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/connections_heaviest.c ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/heaviest.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/connections.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/member_counts.c
    ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections/vips.c
  LIBRARIES sluice_core)
target_compile_options(test_connections_heaviest PRIVATE -Wno-missing-field-initializers)
