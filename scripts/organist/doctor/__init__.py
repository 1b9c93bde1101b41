"""What would keep a deployment from producing: one check a module, each giving findings."""
