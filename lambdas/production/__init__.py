"""The document and what it means: model, schema, secrets, machines' sizes."""
