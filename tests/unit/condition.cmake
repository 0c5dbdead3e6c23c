sluice_test(condition SOURCES ${CMAKE_CURRENT_SOURCE_DIR}/condition.c)
