"""Step Functions: what moto's engine lacks or does otherwise."""
