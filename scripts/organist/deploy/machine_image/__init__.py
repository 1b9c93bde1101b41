"""The stack's own machine image, with Node-RED's container image on its disk."""
