"""The only place that touches moto's private names. Each is held by a test in tests/contract."""
