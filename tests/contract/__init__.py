"""The local cloud against its promises; the fixtures of the package end with it."""
