"""What CloudFormation and SAM do: makes what template.yaml describes, in the local account."""
