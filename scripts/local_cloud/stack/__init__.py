"""What CloudFormation and SAM do: makes from template.yaml what the production needs, in the local account."""
