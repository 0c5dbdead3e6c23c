foreach(part access access_memory access_mistakes access_view)
  sluice_test(${part} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${part}.c LIBRARIES sluice_access sluice_yaml sluice_failing)
endforeach()
