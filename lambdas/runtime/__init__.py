"""What every handler stands on: the entry point, settings, errors, metrics."""
