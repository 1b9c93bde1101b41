"""What a deployment uploads: the Lambda zip, the image's source, templates."""
