set(dataplane ${CMAKE_SOURCE_DIR}/vnf/dataplane)
sluice_test(netlink
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/netlink.c ${dataplane}/netlink.c ${dataplane}/netlink_cache.c
          ${dataplane}/netlink_message.c ${dataplane}/netlink_read.c ${dataplane}/netlink_request.c
          ${dataplane}/netlink_resolve.c
  LIBRARIES sluice_core sluice_failing PkgConfig::LIBMNL PkgConfig::LIBEVENT)
set_tests_properties(netlink PROPERTIES SKIP_RETURN_CODE 77)
