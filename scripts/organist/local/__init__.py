"""Productions on the local cloud."""
