"""What an account must have, and what is chosen in it, before a deployment."""
