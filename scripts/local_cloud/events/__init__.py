"""EventBridge: rules that match events, and schedules, both calling functions."""
