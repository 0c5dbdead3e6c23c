# The reading end of the ring, and what is remembered of samples: without packets.
sluice_test(observe_ring SOURCES ${CMAKE_CURRENT_LIST_DIR}/observe_ring.c ${CMAKE_SOURCE_DIR}/vnf/observe/ring.c
  ${CMAKE_SOURCE_DIR}/vnf/observe/recent.c)

# What takes how long, out of packets as they are told of.
sluice_test(observe_latency SOURCES ${CMAKE_CURRENT_LIST_DIR}/observe_latency.c ${CMAKE_SOURCE_DIR}/vnf/observe/latency.c
  ${CMAKE_SOURCE_DIR}/vnf/observe/latency_packet.c)
