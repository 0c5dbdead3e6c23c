# The control plane without the program and the dataplane, which the fixture plays.
file(GLOB control_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/vnf/control/*.c)
list(FILTER control_sources EXCLUDE REGEX "/(program|compile|bank)[a-z_]*\\.c$")
add_library(control_tested STATIC EXCLUDE_FROM_ALL ${control_sources} control_fixture.c)
target_link_libraries(control_tested PUBLIC sluice_proto sluice_core sluice_tunnels PkgConfig::CMOCKA
  -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc -Wl,--wrap=strdup)

foreach(part rules writes transactions reads memory threads)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/control_${part}.c)
    sluice_test(control_${part} SOURCES control_${part}.c LIBRARIES control_tested)
  endif()
endforeach()
