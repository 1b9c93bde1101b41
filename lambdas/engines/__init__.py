"""The two engines, media and dynamorse: flows, places, health."""
