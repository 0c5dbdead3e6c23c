sluice_test(handover SOURCES ${CMAKE_CURRENT_LIST_DIR}/handover.c LIBRARIES sluice_core)
