"""The Node-RED image in the stack's registry: built, found, removed."""
