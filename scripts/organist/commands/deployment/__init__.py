"""The commands that make, change and remove a deployment."""
