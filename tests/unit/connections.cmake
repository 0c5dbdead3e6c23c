# The daemon's view of the connections that packets follow: read, forgotten, aged; those of services; who holds most.
set(room ${CMAKE_SOURCE_DIR}/vnf/dataplane/connections)
set(read ${room}/connections.c ${room}/member_counts.c ${room}/vips.c)
sluice_test(connections
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/connections.c ${read} ${room}/sweep.c ${room}/sweeper.c
  LIBRARIES sluice_core PkgConfig::LIBEVENT)
sluice_test(service_connections
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_connections.c ${read} ${room}/sweep.c
  LIBRARIES sluice_core)
sluice_test(service_filters
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/service_filters.c ${read} ${room}/sweep.c
  LIBRARIES sluice_core)
sluice_test(connections_heaviest
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/connections_heaviest.c ${read} ${room}/heaviest.c
  LIBRARIES sluice_core)
foreach(name connections service_connections connections_heaviest)
  target_compile_options(test_${name} PRIVATE -Wno-missing-field-initializers)
endforeach()
sluice_test(member_counts
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/member_counts.c ${room}/member_counts.c
  LIBRARIES sluice_core)
