"""The ports of machines: the one definition.

What cannot read it (the template, task definitions, images, Logstash) a test holds against it.
"""

NODE_RED = 1880
"""TCP: Node-RED's admin API and editor."""
PICTURES = 8080
"""TCP: the page to watch, HLS."""
LOW_LATENCY = 9750
"""UDP: the page's low-latency view, by WebRTC."""
LINK = 9710
"""UDP: the SRT link from the mixer machine to the encoder machine."""
LINK_CONTROL = LINK + 1
"""TCP: by which the encoder machine's end of the link says that it is new."""
SRT_IN = range(9720, 9728)
"""UDP: SRT sources that are listeners, each its own by the source's number."""
RTMP_IN = 1935
"""TCP: RTMP sources, told apart by their stream keys."""
RTP_IN = range(9730, 9738)
"""UDP: RTP sources, each its own by the source's number."""
SRT_OUT = range(9740, 9748)
"""UDP: SRT destinations that are listeners, each its own by the destination's number."""
LEAST_OUT = 1024
"""UDP: below, nothing is sent to destinations."""

DYNAMORSE_LEDGER = 3101
"""TCP: dynamorse's own registry of what it makes."""
DYNAMORSE_ENCODED = 8712
"""TCP: dynamorse's encoded pictures."""
DYNAMORSE_PUSHED = DYNAMORSE_ENCODED
"""TCP, at the mixer machine, which encodes nothing: grains that a live source puts."""
DYNAMORSE_MIXED = 8713
"""TCP: dynamorse's mixed pictures."""
DYNAMORSE_FADER = 8000
"""UDP: OSC to dynamorse's fader."""

DOCUMENTS = 8765
"""TCP: Logstash, documents by HTTP."""
BEATS = 5044
"""TCP: Logstash, Metricbeat's."""
