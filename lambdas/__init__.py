"""The Lambda handlers of a production, one module a function, and the logic they share."""
