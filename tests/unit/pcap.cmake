sluice_test(pcap SOURCES ${CMAKE_CURRENT_LIST_DIR}/pcap.c LIBRARIES sluice_pcap sluice_failing)
