sluice_test(options SOURCES options.c ${CMAKE_SOURCE_DIR}/vnf/config.c ${CMAKE_SOURCE_DIR}/vnf/options.c
  ${CMAKE_SOURCE_DIR}/vnf/settings.c ${CMAKE_SOURCE_DIR}/vnf/settings_sflow.c ${CMAKE_SOURCE_DIR}/vnf/sflow/collectors.c
  ${CMAKE_SOURCE_DIR}/vnf/dataplane/bank/limits.c
  ${CMAKE_SOURCE_DIR}/vnf/rpc/listen_address.c
  ${CMAKE_SOURCE_DIR}/vnf/web/http/web_address.c LIBRARIES sluice_yaml)
