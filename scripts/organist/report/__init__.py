"""What becomes of a production, in words and figures."""
