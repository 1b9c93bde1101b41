"""AWS: clients, named errors, machines and their removal."""
