sluice_test(pmap SOURCES pmap.c ${CMAKE_SOURCE_DIR}/vnf/control/state/pmap.c)
target_link_options(test_pmap PRIVATE -Wl,--wrap=malloc)
