sluice_test(yaml SOURCES ${CMAKE_CURRENT_LIST_DIR}/yaml.c LIBRARIES sluice_ctl)
