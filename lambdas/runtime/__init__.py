"""What every handler stands on: the doorstep, settings, errors, metrics."""
