set(kernel ${CMAKE_SOURCE_DIR}/vnf/dataplane/kernel)
sluice_test(netlink
  SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/netlink.c ${kernel}/netlink.c ${kernel}/netlink_cache.c ${kernel}/netlink_hear.c
          ${kernel}/netlink_message.c ${kernel}/netlink_read.c ${kernel}/netlink_request.c
          ${kernel}/netlink_resolve.c
  LIBRARIES sluice_core sluice_failing PkgConfig::LIBMNL PkgConfig::LIBEVENT)
set_tests_properties(netlink PROPERTIES SKIP_RETURN_CODE 77)
