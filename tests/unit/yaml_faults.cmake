sluice_test(yaml_faults SOURCES ${CMAKE_CURRENT_LIST_DIR}/yaml_faults.c LIBRARIES sluice_ctl)
