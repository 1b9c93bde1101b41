"""The modules of Node-RED: the catalogue, and where their tarballs are."""
