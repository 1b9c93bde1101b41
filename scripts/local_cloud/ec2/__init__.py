"""Machines that boot, join their cluster, and end."""
