"""What `organist deploy`, `destroy` and `package` do."""
