"""moto as strict as AWS: everything that touches moto's private names."""
