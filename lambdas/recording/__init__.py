"""Recordings in S3: where they go, and what is done about one that its machine has not finished."""
