"""What the options of the deploy command say, and what they refuse."""
