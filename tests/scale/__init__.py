"""Productions that begin at once in an account that throttles."""
