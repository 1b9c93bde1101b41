"""A long production with processes killed at random: ``make soak``."""
