"""How many productions can begin at once, under AWS's published limits."""
