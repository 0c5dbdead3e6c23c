sluice_test(sandbox SOURCES ${CMAKE_CURRENT_LIST_DIR}/sandbox.c LIBRARIES sluice_core)
