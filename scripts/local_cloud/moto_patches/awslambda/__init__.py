"""Lambda: moto keeps the functions, the runtime runs them."""
